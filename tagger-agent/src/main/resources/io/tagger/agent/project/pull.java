package {{package}};

import io.tagger.api.EntityId;
import io.tagger.api.TagInfo;
import io.tagger.api.collector.CollectorContext;
import io.tagger.api.CollectorPriority;
import io.tagger.api.collector.CollectorUnavailableException;
import io.tagger.api.collector.Puller;
import io.tagger.api.collector.TagSink;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Reads the whole list of its source every 5 s. */
public final class {{Class}} implements Puller {
    private volatile String team = "";

    /** Has no effect: the host also makes instances for inspection alone. */
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
        // Connect to the source. If the source is not on this machine: throw
        // CollectorUnavailableException.absent("there is no ...").
        team = String.valueOf(context.settings().get("team"));
    }

    @Override
    public void pull(TagSink sink) throws InterruptedException {
        sink.replaceAll(list()); // the host sends the changes, and deletes missing entities
    }

    private List<TagInfo> list() {
        // Ask the source for the whole list. On an error throw: a partial list would delete the missing entities.
        return List.of(TagInfo.builder(name(), EntityId.of("{{kind}}", "1"))
                .low("team", team)
                .high("{{kind}}_number", "1")
                .build());
    }
}
