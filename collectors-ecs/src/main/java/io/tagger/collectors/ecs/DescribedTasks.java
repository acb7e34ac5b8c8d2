package io.tagger.collectors.ecs;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.tagger.api.EntityId;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * The tasks of a local source, completed by the ECS API: the service, and the tags of the task, of its service and of
 * its container instance. Without an answer of the API the task is incomplete.
 */
final class DescribedTasks implements TaskSource {
    /** Services and container instances have many tasks and are not asked about for each. */
    private static final Duration KEPT = Duration.ofMinutes(10);

    private static final int SERVICES = 1_000;

    private final TaskSource source;
    private final EcsApi api;
    private final boolean isDescribed;
    private final boolean hasResourceTags;
    private final Cache<String, Map<String, String>> tags;

    private interface Question {
        Map<String, String> ask() throws IOException, InterruptedException;
    }

    /**
     * Makes the source, without a request.
     *
     * @param isDescribed whether the local source reports services and resource tags, like the task metadata endpoint
     * @param hasResourceTags whether resource tags are wanted
     */
    DescribedTasks(TaskSource source, EcsApi api, boolean isDescribed, boolean hasResourceTags, Clock clock) {
        this.source = source;
        this.api = api;
        this.isDescribed = isDescribed;
        this.hasResourceTags = hasResourceTags;
        this.tags = Caffeine.newBuilder()
                .expireAfterWrite(KEPT)
                .maximumSize(SERVICES)
                .executor(Runnable::run)
                .ticker(() -> TimeUnit.MILLISECONDS.toNanos(clock.millis()))
                .build();
    }

    @Override
    public List<Task> find(EntityId entity) throws IOException, InterruptedException {
        Instant until = api.deadline();
        List<Task> found = new ArrayList<>(source.find(entity));
        found.sort(Comparator.comparing(
                task -> !task.has(entity))); // the requested task first, in case the API limits the requests
        List<Task> described = new ArrayList<>();
        for (Task task : found) {
            Task whole = task.isRunning() && !task.arn().isEmpty() ? describe(task, until) : task;
            // The known state of a neighbouring task may be more than a new answer.
            if (whole.isComplete() || whole.has(entity)) {
                described.add(whole);
            }
        }
        return described;
    }

    private Task describe(Task reported, Instant until) throws InterruptedException {
        Task task = reported;
        try {
            if (!isDescribed) {
                List<Task> found = api.tasks(task.cluster(), List.of(task.arn()), until);
                if (found.isEmpty()) {
                    return task.incomplete(); // the API learns of tasks a little later than the agent
                }
                task = task.and(found.get(0));
            }
            if (hasResourceTags) {
                String cluster = task.cluster();
                String instance = task.instanceArn();
                if (!instance.isEmpty()) {
                    task = task.and(tags(instance, () -> api.instanceTags(cluster, instance, until)));
                }
                String service = task.serviceArn();
                if (!service.isEmpty()) {
                    task = task.and(tags(service, () -> api.serviceTags(service, until)));
                }
            }
            return task;
        } catch (IOException e) { // the API client has logged the failure
            return task.incomplete();
        }
    }

    private Map<String, String> tags(String arn, Question question) throws IOException, InterruptedException {
        Map<String, String> known = tags.getIfPresent(arn);
        if (known == null) {
            known = question.ask();
            tags.put(arn, known);
        }
        return known;
    }

    @Override
    public String toString() {
        return source + ", and " + api;
    }
}
