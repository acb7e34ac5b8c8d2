package {{package}};

import io.tagger.api.EntityId;
import io.tagger.api.TagInfo;
import io.tagger.api.collector.CollectorContext;
import io.tagger.api.CollectorPriority;
import io.tagger.api.collector.CollectorUnavailableException;
import io.tagger.api.collector.FetchOnly;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Asked for the tags of an entity on a cache miss. */
public final class {{Class}} implements FetchOnly {
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
    public List<TagInfo> fetch(EntityId entity) {
        // Ask the source. Unknown entity: return the empty list. No answer: throw.
        if (!entity.id().matches("[0-9]+")) {
            return List.of();
        }
        return List.of(TagInfo.builder(name(), entity)
                .low("team", team)
                .high("{{kind}}_number", entity.id())
                .build());
    }
}
