package io.tagger.collectors.kubernetes;

import io.tagger.api.EntityId;
import io.tagger.api.TagInfo;
import io.tagger.api.collector.TagSink;
import io.tagger.collectors.kubernetes.PodTags.Surroundings;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.function.Function;

/** What was sent of each pod, so that only what has changed is sent again. Of one thread at a time. */
final class SentPods {
    private record Sent(Pod pod, Surroundings surroundings, List<EntityId> entities) {}

    private final BiFunction<Pod, Surroundings, List<TagInfo>> extract;
    private final Map<String, Sent> sent = new HashMap<>();
    private boolean wasEmpty;

    SentPods(BiFunction<Pod, Surroundings, List<TagInfo>> extract) {
        this.extract = extract;
    }

    /**
     * Sends what has changed: a pod that is new or other than last time, and what is gone, be it a pod or one of its containers.
     *
     * <p>That there is no pod at all is believed when it is said twice in a row, because a kubelet that has just started says so before it
     * knows better.
     *
     * @param pods all there are
     * @param surroundings what is known of those of each
     * @return false if there are none, and that is not believed yet
     */
    boolean send(List<Pod> pods, Function<Pod, Surroundings> surroundings, TagSink sink) throws InterruptedException {
        boolean believed = !pods.isEmpty() || wasEmpty;
        wasEmpty = pods.isEmpty();
        if (!believed) {
            return false;
        }
        Set<String> seen = new HashSet<>();
        List<EntityId> gone = new ArrayList<>();
        for (Pod pod : pods) {
            String key = key(pod);
            seen.add(key);
            Sent before = sent.get(key);
            Surroundings around = surroundings.apply(pod);
            if (before == null || !before.pod.equals(pod) || !before.surroundings.equals(around)) {
                List<TagInfo> infos = extract.apply(pod, around);
                sink.send(infos);
                sent.put(
                        key,
                        new Sent(
                                pod, around, infos.stream().map(TagInfo::entity).toList()));
                gone.addAll(before == null ? List.of() : before.entities);
            }
        }
        List<String> left =
                sent.keySet().stream().filter(key -> !seen.contains(key)).toList();
        left.forEach(key -> gone.addAll(sent.remove(key).entities));
        if (!gone.isEmpty()) {
            sent.values().forEach(there -> gone.removeAll(there.entities));
            sink.send(gone.stream()
                    .map(entity -> TagInfo.deletion(KubernetesCollector.NAME, entity))
                    .toList());
        }
        return true;
    }

    private static String key(Pod pod) {
        String uid = pod.metadata().uid();
        return uid.isEmpty() ? pod.metadata().namespace() + "/" + pod.metadata().name() : uid;
    }
}
