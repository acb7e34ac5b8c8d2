package io.tagger.collectors.ecs;

import io.tagger.api.CollectorPriority;
import io.tagger.api.EntityId;
import io.tagger.api.Provenance;
import io.tagger.api.TagInfo;
import io.tagger.api.collector.CollectorContext;
import io.tagger.api.collector.FetchOnly;
import io.tagger.collectors.common.ContainerExclusion;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tags ECS tasks and their containers on a miss: a task does not change, so that there is no need for events. One
 * answer about a task tags all containers of the task.
 */
public final class EcsCollector implements FetchOnly {
    static final String NAME = "ecs";

    /** The state folder of the ECS agent, on a container instance. */
    private static final Path AGENT_FOLDER = Path.of("/var/lib/ecs");

    private final Map<String, String> environment;
    private final Path agentFolder;
    private Logger log = LoggerFactory.getLogger(EcsCollector.class);
    private volatile @Nullable Connected connected;

    private record Connected(TaskSource source, TaskTags tags, Clock clock, Optional<EcsApi> api) {}

    /** For the ServiceLoader. */
    public EcsCollector() {
        this(System.getenv(), AGENT_FOLDER);
    }

    EcsCollector(Map<String, String> environment, Path agentFolder) {
        this.environment = environment;
        this.agentFolder = agentFolder;
    }

    @Override
    public String name() {
        return NAME;
    }

    /** On Fargate there is no runtime below; on EC2 the runtime's tags and the task's tags count equally. */
    @Override
    public CollectorPriority priority() {
        return Detection.isFargate(environment) ? CollectorPriority.NODE_ORCHESTRATOR : CollectorPriority.NODE_RUNTIME;
    }

    @Override
    public Set<String> entityPrefixes() {
        return Set.of(EntityId.CONTAINER, EntityId.ECS_TASK);
    }

    @Override
    public void check(Map<String, Object> block) {
        EcsSettings.of(block);
    }

    @Override
    public void detect(CollectorContext context) throws Exception {
        log = LoggerFactory.getLogger(context.loggerName());
        EcsSettings settings = EcsSettings.of(context.settings());
        Detection detection = new Detection(environment, agentFolder, settings, context, log);
        Detection.Found found = detection.find();
        String failures = detection.failures();
        log.info("tasks come from {}{}", found.source(), failures.isEmpty() ? "" : ", because " + failures);
        connected = new Connected(
                new SharedTasks(found.source(), context.clock()),
                new TaskTags(new TaskTags.Rules(
                        found.isAlone(),
                        settings.tagging().container(),
                        settings.tagging().separators(),
                        settings.resourceTags().isCollected(),
                        settings.resourceTags().replacesColons(),
                        settings.keepFor())),
                context.clock(),
                found.api());
    }

    /** For ever: a task does not change after its creation. An incomplete answer is asked for again anyway. */
    @Override
    public Optional<Duration> answersHoldFor() {
        return Optional.empty();
    }

    @Override
    public List<TagInfo> fetch(EntityId entity) throws Exception {
        Connected to = Objects.requireNonNull(connected, "fetch before detect");
        Instant now = to.clock.instant();
        List<TagInfo> infos = new ArrayList<>();
        for (Task task : to.source.find(entity)) {
            infos.addAll(to.tags.extract(task, now, log::warn));
        }
        return infos;
    }

    @Override
    public Optional<Provenance> explain(EntityId entity) throws Exception {
        Connected to = Objects.requireNonNull(connected, "explain before detect");
        Provenance.Builder origins = new Provenance.Builder();
        List<Task> tasks = to.source.find(entity);
        for (Task task : tasks) {
            to.tags.explaining(entity, origins).extract(task, to.clock.instant(), origins::note);
            if (!task.isRunning()) {
                origins.note("the task " + task.arn() + " does not run");
            } else if (!task.isComplete()) {
                origins.note("the task " + task.arn() + " is not fully described yet");
            }
            task.containers().stream()
                    .filter(container -> entity.equals(EntityId.container(container.id())))
                    .flatMap(container -> to.tags.exclusion(container).stream())
                    .forEach(rule -> origins.note(ContainerExclusion.note(rule)));
        }
        return tasks.isEmpty() ? Optional.empty() : Optional.of(origins.build());
    }

    @Override
    public void close() {
        Connected to = connected;
        if (to != null) {
            to.api.ifPresent(EcsApi::close);
        }
    }
}
