package io.tagger.runtime.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.tagger.api.EntityFilter;
import io.tagger.api.EntityId;
import io.tagger.api.TagInfo;
import io.tagger.api.collector.CollectorPriority;
import io.tagger.testkit.ManualTime;
import io.tagger.testkit.RecordingListener;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Random operations on a few entities, compared with the plainest model of DESIGN.md, section 4, after every step: what is served, and what a
 * subscriber that sometimes sleeps knows. A failure names its seed.
 */
class TagStoreModelTest {
    private static final int STEPS = 4_000;
    private static final int ENTITIES = 5;

    private final ManualTime time = new ManualTime();
    private final TagStore store = new TagStore(time.clock(), 2);
    private final List<Source> sources = List.of(
            new Source("a", CollectorPriority.NODE_RUNTIME),
            new Source("b", CollectorPriority.NODE_RUNTIME),
            new Source("c", CollectorPriority.NODE_ORCHESTRATOR));
    private final Model model = new Model();

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12})
    void anyOperations_storeAndSubscriberAgreeWithTheModel(long seed) {
        Random random = new Random(seed);
        RecordingListener listener = new RecordingListener();
        var subscription = store.subscribe(EntityFilter.all(), listener, Runnable::run);
        boolean paused = false;
        int[] instances = {1, 1, 1};
        List<Ticket> tickets = new ArrayList<>();
        List<Long> begun = new ArrayList<>();
        for (int step = 0; step < STEPS; step++) {
            int which = random.nextInt(sources.size());
            Source source = sources.get(which);
            EntityId entity = EntityId.container("c" + random.nextInt(ENTITIES));
            switch (random.nextInt(10)) {
                case 0, 1, 2 -> {
                    TagInfo info = info(random, source, entity);
                    store.update(source, instances[which], List.of(info));
                    model.push(source, instances[which], info);
                }
                case 3 -> {
                    TagInfo info = TagInfo.deletion(source.name(), entity);
                    store.update(source, instances[which], List.of(info));
                    model.delete(source, entity);
                }
                case 4 -> {
                    store.prune();
                    model.prune(time.clock().millis());
                }
                case 5 -> time.advance(Duration.ofSeconds(random.nextInt(5)));
                case 6 -> {
                    tickets.add(store.begin());
                    begun.add(model.now);
                }
                case 7 -> {
                    if (!tickets.isEmpty()) {
                        int at = random.nextInt(tickets.size());
                        TagInfo info = info(random, source, entity);
                        try (Ticket ticket = tickets.remove(at)) {
                            boolean refused = !store.apply(ticket, source, instances[which], List.of(info))
                                    .isEmpty();
                            assertThat(refused)
                                    .as("seed %d step %d", seed, step)
                                    .isEqualTo(!model.fetched(begun.remove(at), source, instances[which], info));
                        }
                    }
                }
                case 8 -> {
                    if (random.nextInt(5) == 0) {
                        instances[which]++;
                        store.sweep(source, instances[which]);
                        model.sweep(source, instances[which]);
                    }
                }
                default -> {
                    paused = !paused;
                    if (paused) {
                        subscription.pause();
                    } else {
                        subscription.resume();
                    }
                }
            }
            assertThat(Contents.of(store)).as("seed %d step %d", seed, step).isEqualTo(model.contents());
            if (!paused) {
                assertThat(listener.replica()).as("seed %d step %d", seed, step).isEqualTo(model.contents());
            }
        }
        assertThat(listener.broken()).isEmpty();
        store.update(sources.get(0), instances[0], deletions());
        tickets.forEach(Ticket::close);
        store.prune();
        assertThat(store.size()).isZero();
        assertThat(store.pooledTags()).isZero();
        assertThat(store.tombstones()).isZero();
        assertThat(sources).allSatisfy(source -> assertThat(source.entities()).isZero());
    }

    private List<TagInfo> deletions() {
        List<TagInfo> deletions = new ArrayList<>();
        for (int i = 0; i < ENTITIES; i++) {
            deletions.add(TagInfo.deletion(sources.get(0).name(), EntityId.container("c" + i)));
        }
        return deletions;
    }

    private TagInfo info(Random random, Source source, EntityId entity) {
        TagInfo.Builder info = TagInfo.builder(source.name(), entity);
        for (int i = random.nextInt(4); i > 0; i--) {
            String name = "n" + random.nextInt(3);
            String value = "v" + random.nextInt(2);
            switch (random.nextInt(3)) {
                case 0 -> info.low(name, value);
                case 1 -> info.orchestrator(name, value);
                default -> info.high(name, value);
            }
        }
        if (random.nextInt(4) == 0) {
            info.expiry(time.clock().instant().plusSeconds(random.nextInt(8)));
        }
        return info.build();
    }

    /** Maps and sets, no sharing, everything worked out anew at every question. */
    private static final class Model {
        private static final class Said {
            TagInfo info;
            int instance;
            long at;
            boolean pushed;
        }

        private final Map<EntityId, Map<Source, Said>> said = new HashMap<>();
        private final Map<EntityId, Set<Source>> marks = new HashMap<>();
        private final Map<EntityId, Long> deleted = new HashMap<>();
        private final Map<String, Long> withdrawn = new HashMap<>();
        private long now;

        void push(Source source, int instance, TagInfo info) {
            if (info.isEmpty()) {
                withdraw(source, info.entity());
            } else {
                put(source, instance, info, true);
            }
        }

        boolean fetched(long begun, Source source, int instance, TagInfo info) {
            Said last = said.getOrDefault(info.entity(), Map.of()).get(source);
            if (deleted.getOrDefault(info.entity(), -1L) > begun
                    || withdrawn.getOrDefault(info.entity() + " " + source.name(), -1L) > begun
                    || last != null && last.at > begun) {
                return false;
            }
            if (!info.isEmpty()) {
                put(source, instance, info, false);
            }
            return true;
        }

        private void put(Source source, int instance, TagInfo info, boolean pushed) {
            Said last = said.getOrDefault(info.entity(), Map.of()).get(source);
            Said entry = new Said();
            entry.info = info;
            entry.instance = instance;
            entry.at = ++now;
            entry.pushed = pushed || last != null && last.pushed;
            said.computeIfAbsent(info.entity(), key -> new HashMap<>()).put(source, entry);
            marks.getOrDefault(info.entity(), new HashSet<>()).remove(source);
        }

        void delete(Source source, EntityId entity) {
            marks.computeIfAbsent(entity, key -> new HashSet<>()).add(source);
            deleted.put(entity, ++now);
        }

        private void withdraw(Source source, EntityId entity) {
            Said gone = said.getOrDefault(entity, new HashMap<>()).remove(source);
            if (gone == null) {
                return;
            }
            Map<Source, Said> rest = said.get(entity);
            if (rest.isEmpty() || gone.pushed && rest.values().stream().noneMatch(entry -> entry.pushed)) {
                said.remove(entity);
                deleted.put(entity, ++now);
                marks.getOrDefault(entity, new HashSet<>()).remove(source);
            } else {
                withdrawn.put(entity + " " + source.name(), ++now);
            }
        }

        void sweep(Source source, int instance) {
            for (EntityId entity : List.copyOf(said.keySet())) {
                Said entry = said.get(entity).get(source);
                if (entry != null && entry.instance < instance) {
                    withdraw(source, entity);
                }
            }
        }

        void prune(long millis) {
            marks.forEach((entity, by) -> {
                if (!by.isEmpty()) {
                    said.remove(entity);
                }
            });
            marks.clear();
            // The one that runs out first goes first: it may leave the others without anybody who would notice the end.
            record Due(EntityId entity, Source source, long at) {}
            List<Due> due = new ArrayList<>();
            said.forEach((entity, entries) -> entries.forEach((source, entry) -> entry.info
                    .expiry()
                    .filter(expiry -> expiry.toEpochMilli() <= millis)
                    .ifPresent(expiry -> due.add(new Due(entity, source, expiry.toEpochMilli())))));
            due.forEach(next -> withdraw(next.source(), next.entity()));
        }

        Map<String, List<String>> contents() {
            Map<String, List<String>> contents = new TreeMap<>();
            said.forEach((entity, entries) -> {
                if (!entries.isEmpty()) {
                    contents.put(entity.toString(), merged(entries));
                }
            });
            return contents;
        }

        private static List<String> merged(Map<Source, Said> entries) {
            List<Set<String>> levels = List.of(new TreeSet<>(), new TreeSet<>(), new TreeSet<>());
            entries.forEach((source, entry) -> {
                List<List<String>> own = List.of(entry.info.low(), entry.info.orchestrator(), entry.info.high());
                for (int level = 0; level < own.size(); level++) {
                    for (String tag : own.get(level)) {
                        if (entries.entrySet().stream()
                                .noneMatch(other -> beats(other.getKey(), source)
                                        && names(other.getValue().info).contains(name(tag)))) {
                            levels.get(level).add(tag);
                        }
                    }
                }
            });
            List<String> all = new ArrayList<>();
            for (Set<String> level : levels) {
                level.stream().filter(tag -> !all.contains(tag)).toList().forEach(all::add);
            }
            return all;
        }

        private static boolean beats(Source other, Source source) {
            return other.priority().compareTo(source.priority()) > 0;
        }

        private static Set<String> names(TagInfo info) {
            Set<String> names = new HashSet<>();
            List.of(info.low(), info.orchestrator(), info.high())
                    .forEach(level -> level.forEach(tag -> names.add(name(tag))));
            return names;
        }

        private static String name(String tag) {
            return tag.substring(0, tag.indexOf(':'));
        }
    }
}
