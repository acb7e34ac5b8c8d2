package io.tagger.runtime.builtin;

import io.tagger.api.Cardinality;
import io.tagger.api.CollectorPriority;
import io.tagger.api.EntityId;
import io.tagger.api.EntityTags;
import io.tagger.api.Provenance;
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
import java.util.HashSet;
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

    /** Processes that are looked at again; a look costs some ten microseconds. The process asked for first gives way. */
    private static final int MOST = 4_096;

    /** Numbers without a process that are looked at again: the process may start later. */
    private static final int MOST_ABSENT = 1_024;

    /** A process is read as a whole at every tenth look, and after a new start time. */
    private static final int WHOLE = 10;

    /** The longest wait for the tags of a container; less than the deadline of a fetch. */
    private static final long CONTAINER_MILLIS = 1_500;

    private final Map<EntityId, Known> known = new LinkedHashMap<>(); // guarded by itself; first asked for first
    private final Set<EntityId> fetched = new HashSet<>(); // guarded by known; since the begin of the last pull
    private @Nullable CollectorContext context;
    private @Nullable ProcessFolder processes;
    private @Nullable Users users;
    private int pulls; // of the pulling thread

    /**
     * A process as reported.
     *
     * @param facts the process; empty for none
     * @param container the container around the process; empty for none
     * @param info the report; empty for none
     */
    private record Known(Optional<Facts> facts, Optional<Container> container, Optional<TagInfo> info) {
        static final Known NONE = new Known(Optional.empty(), Optional.empty(), Optional.empty());
    }

    /**
     * A container around a process.
     *
     * @param tags the tags; empty if no collector knows the container
     * @param isComplete whether the answer is final
     */
    private record Container(Optional<EntityTags> tags, boolean isComplete) {}

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
        users = Users.of(processes);
    }

    @Override
    public List<TagInfo> fetch(EntityId entity) throws InterruptedException {
        Known before;
        synchronized (known) {
            before = known.getOrDefault(entity, Known.NONE);
        }
        Known now = known(entity, facts(entity), before, CONTAINER_MILLIS);
        synchronized (known) {
            known.remove(entity); // the last asked for is the last to give way
            known.put(entity, now);
            fetched.add(entity);
        }
        return now.info.map(List::of).orElse(List.of());
    }

    @Override
    public Optional<Provenance> explain(EntityId entity) throws InterruptedException {
        Optional<Facts> facts = facts(entity);
        if (facts.isEmpty()) {
            return Optional.empty();
        }
        TagInfo info = known(entity, facts, Known.NONE, CONTAINER_MILLIS).info.orElseThrow();
        String container = facts.get()
                .container()
                .map(id -> EntityId.CONTAINER + "://" + id)
                .orElse("");
        return Optional.of(new Provenance.Builder()
                .info(info, name -> switch (name) {
                    case "process_name" -> "the command in /proc/" + entity.id() + "/stat";
                    case "user" -> "the user in /proc/" + entity.id() + "/status";
                    case "systemd_unit" -> "/proc/" + entity.id() + "/cgroup";
                    default -> container;
                })
                .note(container.isEmpty() ? "the process is in no container" : "the process is in " + container)
                .build());
    }

    private ProcessFolder processes() {
        return Objects.requireNonNull(processes, "fetch before detect");
    }

    /** Reads the process of an entity; empty for an entity that is no process number, or without such a process. */
    private Optional<Facts> facts(EntityId entity) {
        return entity.id().matches("[1-9][0-9]{0,9}")
                ? processes().read(Long.parseLong(entity.id()))
                : Optional.empty();
    }

    private Known known(EntityId entity, Optional<Facts> facts, Known before, long millis) throws InterruptedException {
        if (facts.isEmpty()) {
            return Known.NONE;
        }
        Optional<Container> container = container(facts.get(), before, millis);
        return new Known(facts, container, Optional.of(info(entity, facts.get(), container)));
    }

    @Override
    public void pull(TagSink sink) throws InterruptedException {
        pulls++;
        Map<EntityId, Known> all;
        Set<EntityId> unsure; // a fetch beside the last pull: the last report may be either's
        synchronized (known) {
            all = new LinkedHashMap<>(known);
            unsure = Set.copyOf(fetched);
            fetched.clear();
        }
        Set<EntityId> over = over(all);
        List<TagInfo> changes = new ArrayList<>();
        for (Map.Entry<EntityId, Known> one : all.entrySet()) {
            EntityId entity = one.getKey();
            Known before = one.getValue();
            Known now = over.contains(entity) ? Known.NONE : look(entity, before);
            if (keep(entity, before, now, over.contains(entity))
                    && (!now.info.equals(before.info) || unsure.contains(entity))) {
                report(entity, now, changes);
            }
        }
        if (!changes.isEmpty()) {
            sink.send(changes);
        }
    }

    /** The processes that give way. */
    private static Set<EntityId> over(Map<EntityId, Known> all) {
        long absent = all.values().stream().filter(one -> one.facts.isEmpty()).count();
        long overAbsent = absent - MOST_ABSENT;
        long overPresent = all.size() - absent - MOST;
        Set<EntityId> over = new HashSet<>();
        for (Map.Entry<EntityId, Known> one : all.entrySet()) {
            if (one.getValue().facts.isEmpty() ? overAbsent-- > 0 : overPresent-- > 0) {
                over.add(one.getKey());
            }
        }
        return over;
    }

    /** Without a process the tags go at once, and the entity at the next prune. */
    private static void report(EntityId entity, Known now, List<TagInfo> changes) {
        if (now.info.isPresent()) {
            changes.add(now.info.get());
        } else {
            changes.add(TagInfo.builder(NAME, entity).build());
            changes.add(TagInfo.deletion(NAME, entity));
        }
    }

    private Known look(EntityId entity, Known before) throws InterruptedException {
        boolean isWhole = (entity.hashCode() + pulls) % WHOLE == 0;
        boolean isSame = !isWhole
                && before.facts
                        .filter(facts -> processes().isAlive(facts.pid(), facts.start()))
                        .isPresent();
        return known(entity, isSame ? before.facts : facts(entity), before, 0);
    }

    /** Keeps the result of a look; false if a fetch was faster. */
    private boolean keep(EntityId entity, Known before, Known now, boolean isOver) {
        synchronized (known) {
            return isOver ? known.remove(entity, before) : known.replace(entity, before, now);
        }
    }

    /**
     * The container around a process. While the collectors are asked, the container has the tags known before.
     *
     * @return empty outside of containers
     */
    private Optional<Container> container(Facts facts, Known before, long millis) throws InterruptedException {
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
            boolean isSame = before.facts.flatMap(Facts::container).equals(facts.container());
            return isSame && before.container.isPresent()
                    ? before.container
                    : Optional.of(new Container(Optional.empty(), false));
        }
    }

    private TagInfo info(EntityId entity, Facts facts, Optional<Container> container) {
        TagInfo.Builder info = TagInfo.builder(NAME, entity)
                .low("process_name", facts.identity().name())
                .low(
                        "user",
                        facts.identity().user().isEmpty()
                                ? ""
                                : Objects.requireNonNull(users, "fetch before detect")
                                        .name(facts.identity().user().getAsLong()));
        facts.unit().ifPresent(unit -> {
            if (unit.endsWith(".service") && !unit.startsWith("run-")) {
                info.low("systemd_unit", unit);
            } else {
                info.high("systemd_unit", unit); // a session's number, or a transient unit
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
