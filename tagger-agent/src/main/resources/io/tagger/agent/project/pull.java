package {{package}};

import io.tagger.api.EntityId;
import io.tagger.api.TagInfo;
import io.tagger.api.collector.CollectorContext;
import io.tagger.api.CollectorPriority;
import io.tagger.api.collector.CollectorUnavailableException;
import io.tagger.api.collector.Puller;
import io.tagger.api.collector.TagSink;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Reads the whole list of its source again and again, every 5 s, and passes on what has changed. */
public final class {{Class}} implements Puller {
    private final Map<EntityId, TagInfo> last = new HashMap<>(); // pulls of one instance never overlap
    private volatile String team = "";

    /** Does nothing: instances are made only to be looked at, too. */
    public {{Class}}() {}

    @Override
    public String name() {
        return "{{name}}";
    }

    @Override
    public CollectorPriority priority() {
        return CollectorPriority.NODE_RUNTIME;
    }

    @Override
    public Set<String> entityPrefixes() {
        return Set.of("{{kind}}");
    }

    @Override
    public void check(Map<String, Object> settings) {
        if (String.valueOf(settings.get("team")).isBlank()) {
            throw new IllegalArgumentException("tagger.collectors.{{name}}.team must not be empty");
        }
    }

    @Override
    public void detect(CollectorContext context) throws CollectorUnavailableException {
        // Connect to the source. If it is not on this machine: throw CollectorUnavailableException.absent("there is no ...").
        team = String.valueOf(context.settings().get("team"));
    }

    @Override
    public void pull(TagSink sink) throws InterruptedException {
        Map<EntityId, TagInfo> now = new HashMap<>();
        for (TagInfo info : list()) {
            now.put(info.entity(), info);
        }
        List<TagInfo> changes = new ArrayList<>();
        now.forEach((entity, info) -> {
            if (!info.equals(last.get(entity))) {
                changes.add(info);
            }
        });
        for (EntityId entity : last.keySet()) {
            if (!now.containsKey(entity)) {
                changes.add(TagInfo.deletion(name(), entity));
            }
        }
        sink.send(changes);
        last.clear();
        last.putAll(now);
    }

    private List<TagInfo> list() {
        // Ask the source. It can't be told: throw, and what was sent stays served until it can.
        return List.of(TagInfo.builder(name(), EntityId.of("{{kind}}", "1"))
                .low("team", team)
                .high("{{kind}}_number", "1")
                .build());
    }
}
