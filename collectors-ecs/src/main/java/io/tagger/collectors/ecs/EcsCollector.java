package io.tagger.collectors.ecs;

import io.tagger.api.EntityId;
import io.tagger.api.TagInfo;
import io.tagger.api.collector.CollectorContext;
import io.tagger.api.collector.CollectorPriority;
import io.tagger.api.collector.CollectorUnavailableException;
import io.tagger.api.collector.FetchOnly;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tags ECS tasks and their containers, when they are missed: a task does not change, so that there is nothing to watch. One answer about a
 * task tags all of its containers.
 */
public final class EcsCollector implements FetchOnly {
    static final String NAME = "ecs";

    private static final String METADATA_URI = "ECS_CONTAINER_METADATA_URI_V4";
    private static final String EXECUTION = "AWS_EXECUTION_ENV";
    private static final String FARGATE = "AWS_ECS_FARGATE";

    private static final String HOST = "http://127.0.0.1:51678";
    private static final String BRIDGE = "http://172.17.0.1:51678";

    private static final double PER_SECOND = 10;
    private static final double BURST = 20;

    private final Map<String, String> environment;
    private Logger log = LoggerFactory.getLogger(EcsCollector.class);
    private volatile @Nullable Connected connected;

    private record Connected(TaskSource source, TaskTags tags) {}

    /** For the ServiceLoader. */
    public EcsCollector() {
        this(System.getenv());
    }

    EcsCollector(Map<String, String> environment) {
        this.environment = environment;
    }

    @Override
    public String name() {
        return NAME;
    }

    /** On Fargate there is nobody below; on EC2 the container runtime's word and ours count alike. */
    @Override
    public CollectorPriority priority() {
        return FARGATE.equals(environment.get(EXECUTION))
                ? CollectorPriority.NODE_ORCHESTRATOR
                : CollectorPriority.NODE_RUNTIME;
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
        TokenBucket bucket = new TokenBucket(PER_SECOND, BURST, context.clock());
        StringBuilder failures = new StringBuilder();
        TaskSource source = null;
        boolean isAlone = false;
        String own = environment.getOrDefault(METADATA_URI, "");
        if (!own.isEmpty()) {
            OwnTask task =
                    new OwnTask(new Endpoint(own, settings.requestTimeout(), bucket), settings.collectResourceTags());
            try {
                isAlone = task.isOnFargate();
                source = task;
            } catch (IOException e) {
                failures.append(e.getMessage());
            }
        }
        for (String url : isAlone ? List.<String>of() : agents(settings.introspectionUrl(), !own.isEmpty())) {
            try {
                source = IntrospectedTasks.at(new Endpoint(url, settings.requestTimeout(), bucket));
                break;
            } catch (IOException e) {
                failures.append(failures.isEmpty() ? "" : "; and ").append(e.getMessage());
            }
        }
        if (source == null) {
            throw own.isEmpty()
                    ? CollectorUnavailableException.absent(
                            "there is no ECS here: " + METADATA_URI + " is not in the environment, and " + failures)
                    : CollectorUnavailableException.retry(failures.toString());
        }
        log.info("tasks are told by {}{}", source, failures.isEmpty() ? "" : ", because " + failures);
        connected = new Connected(
                new SharedTasks(source, context.clock()),
                new TaskTags(new TaskTags.Rules(
                        isAlone,
                        settings.container(),
                        settings.separators(),
                        settings.collectResourceTags(),
                        settings.resourceTagsReplaceColon())));
    }

    /**
     * Where an ECS agent may listen. Off AWS a question to Docker's bridge may wait for an answer until its deadline, where one to this host is
     * refused at once; so the bridge is asked only where the environment says that we are in a task.
     */
    private static List<String> agents(String configured, boolean isTask) {
        if (!configured.isEmpty()) {
            return List.of(configured);
        }
        return isTask ? List.of(HOST, BRIDGE) : List.of(HOST);
    }

    @Override
    public List<TagInfo> fetch(EntityId entity) throws Exception {
        Connected to = Objects.requireNonNull(connected, "fetch before detect");
        Optional<Task> task = to.source.find(entity);
        return task.isEmpty() ? List.of() : to.tags.extract(task.get(), log::warn);
    }
}
