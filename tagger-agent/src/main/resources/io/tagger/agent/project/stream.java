package {{package}};

import io.tagger.api.EntityId;
import io.tagger.api.TagInfo;
import io.tagger.api.collector.CollectorContext;
import io.tagger.api.CollectorPriority;
import io.tagger.api.collector.CollectorUnavailableException;
import io.tagger.api.collector.Streamer;
import io.tagger.api.collector.TagSink;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;

/** Receives the changes of the source as they happen. */
public final class {{Class}} implements Streamer {
    private final BlockingQueue<EntityId> events = new LinkedBlockingQueue<>(); // the source; take your own
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
    public void stream(TagSink sink) throws InterruptedException {
        // Subscribe first, then list the present entities: a change in between is then in the list or in the events.
        sink.send(List.of(info(EntityId.of("{{kind}}", "1"))));
        sink.synced();
        while (true) {
            sink.send(List.of(info(events.take()))); // the host interrupts the wait in the end
        }
    }

    private TagInfo info(EntityId entity) {
        return TagInfo.builder(name(), entity)
                .low("team", team)
                .high("{{kind}}_number", entity.id())
                .build();
    }
}
