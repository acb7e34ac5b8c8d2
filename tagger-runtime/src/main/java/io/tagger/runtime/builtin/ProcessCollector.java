package io.tagger.runtime.builtin;

import io.tagger.api.Cardinality;
import io.tagger.api.CollectorPriority;
import io.tagger.api.EntityId;
import io.tagger.api.EntityTags;
import io.tagger.api.TagInfo;
import io.tagger.api.collector.CollectorContext;
import io.tagger.api.collector.CollectorUnavailableException;
import io.tagger.api.collector.Puller;
import io.tagger.api.collector.TagSink;
import io.tagger.origin.ProcessFolder;
import io.tagger.origin.ProcessFolder.Facts;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Tags processes that somebody has asked for, {@code process://<pid>}, from {@code /proc} alone: {@code process_name} and
 * {@code user}, {@code systemd_unit} outside of containers, and all tags of the container inside. The command line and the
 * environment are not read.
 *
 * <p>A process is read when asked for, and looked at again every second from then on: the tags go with the process, and a
 * further process with the number has tags of its own.
 */
public final class ProcessCollector implements Puller {
    private static final String NAME = "process";
    private static final Duration INTERVAL = Duration.ofSeconds(1);

    /** Processes that are looked at again; a look takes some ten microseconds. The process asked for first gives way. */
    private static final int MOST = 4_096;

    /** The longest wait for the tags of a container; less than the deadline of a fetch. */
    private static final long CONTAINER_MILLIS = 1_500;

    private final Map<EntityId, Known> known = new LinkedHashMap<>(); // guarded by itself
    private @Nullable CollectorContext context;
    private @Nullable ProcessFolder processes;
    private Users users = Users.NUMBERS;

    /**
     * A process as reported.
     *
     * @param facts the process; empty for none
     * @param info the report; empty for none
     */
    private record Known(Optional<Facts> facts, Optional<TagInfo> info) {
        static final Known NONE = new Known(Optional.empty(), Optional.empty());
    }

    /** For the ServiceLoader. */
    public ProcessCollector() {}

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public CollectorPriority priority() {
        return CollectorPriority.NODE_RUNTIME;
    }

    @Override
    public Set<String> entityPrefixes() {
        return Set.of(EntityId.PROCESS);
    }

    @Override
    public Duration pullInterval() {
        return INTERVAL;
    }

    @Override
    public void detect(CollectorContext lent) throws CollectorUnavailableException {
        Path folder = Path.of(String.valueOf(lent.settings().getOrDefault("folder", "/proc")));
        if (!Files.isDirectory(folder.resolve("self"))) {
            throw CollectorUnavailableException.absent("there is no " + folder + " with processes");
        }
        context = lent;
        processes = new ProcessFolder(folder);
        users = Users.of(folder, processes);
    }

    @Override
    public List<TagInfo> fetch(EntityId entity) throws InterruptedException {
        Optional<Facts> facts = facts(entity);
        Optional<TagInfo> info = facts.isEmpty()
                ? Optional.empty()
                : Optional.of(info(entity, facts.get(), container(facts.get(), CONTAINER_MILLIS)));
        synchronized (known) {
            known.remove(entity); // the last asked for is the last to give way
            known.put(entity, new Known(facts, info));
        }
        return info.map(List::of).orElse(List.of());
    }

    /** Reads the process of an entity; empty for an entity that is no process number, or without such a process. */
    private Optional<Facts> facts(EntityId entity) {
        return entity.id().matches("[1-9][0-9]{0,9}")
                ? Objects.requireNonNull(processes, "fetch before detect").read(Long.parseLong(entity.id()))
                : Optional.empty();
    }

    @Override
    public void pull(TagSink sink) throws InterruptedException {
        List<TagInfo> changes = new ArrayList<>();
        Map<EntityId, Known> all;
        synchronized (known) {
            all = new LinkedHashMap<>(known);
        }
        int over = all.size() - MOST;
        for (Map.Entry<EntityId, Known> one : all.entrySet()) {
            EntityId entity = one.getKey();
            Known before = one.getValue();
            boolean isOver = over-- > 0;
            Known now = isOver ? Known.NONE : look(entity);
            if (!now.info.equals(before.info)) {
                // Without a process the tags go at once, and the entity at the next prune.
                changes.add(
                        now.info.orElseGet(() -> TagInfo.builder(NAME, entity).build()));
                now.info.or(() -> {
                    changes.add(TagInfo.deletion(NAME, entity));
                    return Optional.empty();
                });
            }
            keep(entity, before, now, isOver);
        }
        if (!changes.isEmpty()) {
            sink.send(changes);
        }
    }

    private Known look(EntityId entity) throws InterruptedException {
        Optional<Facts> facts = facts(entity);
        return facts.isEmpty()
                ? Known.NONE
                : new Known(facts, Optional.of(info(entity, facts.get(), container(facts.get(), 0))));
    }

    /** Keeps the result of a look, unless a fetch was faster. */
    private void keep(EntityId entity, Known before, Known now, boolean isOver) {
        synchronized (known) {
            if (isOver) {
                known.remove(entity, before);
            } else {
                known.replace(entity, before, now);
            }
        }
    }

    /**
     * The tags of the container around a process.
     *
     * @return empty outside of containers
     */
    private Optional<Container> container(Facts facts, long millis) throws InterruptedException {
        if (facts.container().isEmpty()) {
            return Optional.empty();
        }
        CompletableFuture<Optional<EntityTags>> answer = Objects.requireNonNull(context, "fetch before detect")
                .lookup(EntityId.container(facts.container().get()))
                .toCompletableFuture();
        try {
            Optional<EntityTags> tags = answer.get(millis, TimeUnit.MILLISECONDS);
            return Optional.of(
                    new Container(tags, tags.map(EntityTags::complete).orElse(true)));
        } catch (TimeoutException | ExecutionException e) {
            return Optional.of(new Container(Optional.empty(), false));
        }
    }

    /**
     * A container around a process.
     *
     * @param tags the tags; empty if no collector knows the container
     * @param isComplete whether the answer is final
     */
    private record Container(Optional<EntityTags> tags, boolean isComplete) {}

    private TagInfo info(EntityId entity, Facts facts, Optional<Container> container) {
        TagInfo.Builder info = TagInfo.builder(NAME, entity)
                .low("process_name", facts.identity().name())
                .low(
                        "user",
                        facts.identity().user().isEmpty()
                                ? ""
                                : users.name(facts.identity().user().getAsLong()));
        facts.unit().ifPresent(unit -> {
            if (unit.endsWith(".service")) {
                info.low("systemd_unit", unit);
            } else {
                info.high("systemd_unit", unit); // a session's number, or a transient scope
            }
        });
        container.flatMap(Container::tags).ifPresent(tags -> {
            List<String> low = tags.tags(Cardinality.LOW);
            List<String> orchestrator = tags.tags(Cardinality.ORCHESTRATOR);
            List<String> high = tags.tags(Cardinality.HIGH);
            info.tags(Cardinality.LOW, low)
                    .tags(Cardinality.ORCHESTRATOR, orchestrator.subList(low.size(), orchestrator.size()))
                    .tags(Cardinality.HIGH, high.subList(orchestrator.size(), high.size()))
                    .standard(tags.standard());
        });
        return container.isPresent() && !container.get().isComplete
                ? info.incomplete().build()
                : info.build();
    }
}
