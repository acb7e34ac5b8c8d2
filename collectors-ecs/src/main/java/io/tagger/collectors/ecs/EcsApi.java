package io.tagger.collectors.ecs;

import java.io.IOException;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.slf4j.Logger;
import software.amazon.awssdk.awscore.exception.AwsErrorDetails;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.core.retry.RetryUtils;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.retries.StandardRetryStrategy;
import software.amazon.awssdk.services.ecs.EcsClient;
import software.amazon.awssdk.services.ecs.EcsClientBuilder;
import software.amazon.awssdk.services.ecs.model.ContainerInstanceField;
import software.amazon.awssdk.services.ecs.model.Tag;
import software.amazon.awssdk.services.ecs.model.TaskField;

/**
 * The API of ECS, with the default chains of credentials and regions. Thread-safe.
 *
 * <p>The SDK runs on further threads, so that no step of the SDK (a search for credentials, a name lookup) can exceed
 * the deadline. The SDK repeats a request only after a correction of the clock: a caller with a miss asks again anyway.
 */
final class EcsApi implements AutoCloseable {
    /** The actions of the API; each is a permission of the same name. */
    enum Action {
        DESCRIBE_TASKS("DescribeTasks"),
        DESCRIBE_CONTAINER_INSTANCES("DescribeContainerInstances"),
        LIST_TAGS_FOR_RESOURCE("ListTagsForResource"),
        LIST_TASKS("ListTasks");

        final String right;

        Action(String name) {
            right = "ecs:" + name;
        }
    }

    private static final double PER_SECOND = 2;
    private static final double BURST = 5;

    /** So many tasks DescribeTasks takes at once. */
    private static final int AT_ONCE = 100;

    /** A missing permission is granted by people, and takes time. */
    private static final Duration REFUSED = Duration.ofMinutes(5);

    private static final int FORBIDDEN = 403;

    private final EcsClient client;
    private final String name;
    private final Duration timeout;
    private final TokenBucket bucket;
    private final Map<Action, SourcePause> pauses = new EnumMap<>(Action.class);
    private final Clock clock;
    private final Executor executor;
    private final Logger log;

    /**
     * Makes the client, without a request.
     *
     * @param region where the tasks are; empty if unknown: then the default chain is asked
     * @param endpoint an endpoint in place of the region's; or empty
     * @param timeout how long the answers about a task may take all in all
     * @throws IOException if the region is unknown
     */
    EcsApi(String region, String endpoint, Duration timeout, Clock clock, Executor executor, Logger log)
            throws IOException {
        this.timeout = timeout;
        this.clock = clock;
        this.executor = executor;
        this.log = log;
        bucket = new TokenBucket(PER_SECOND, BURST, clock);
        for (Action action : Action.values()) {
            pauses.put(action, new SourcePause(clock));
        }
        EcsClientBuilder builder = EcsClient.builder()
                .httpClientBuilder(UrlConnectionHttpClient.builder()
                        .connectionTimeout(timeout)
                        .socketTimeout(timeout))
                .overrideConfiguration(config -> config.apiCallTimeout(timeout.multipliedBy(2))
                        .retryStrategy(StandardRetryStrategy.builder()
                                .maxAttempts(2)
                                .useClientDefaults(false)
                                .retryOnException(
                                        e -> e instanceof SdkException sdk && RetryUtils.isClockSkewException(sdk))
                                .build()));
        if (!region.isEmpty()) {
            builder.region(Region.of(region));
        }
        if (!endpoint.isEmpty()) {
            builder.endpointOverride(URI.create(endpoint));
        }
        try {
            client = builder.build();
        } catch (SdkException e) {
            throw new IOException("the ECS API can't be asked: " + words(e), e);
        }
        name = "the ECS API" + (endpoint.isEmpty() ? "" : " at " + endpoint)
                + (region.isEmpty() ? "" : " in " + region);
    }

    /** The deadline for the answers about a task requested now. */
    Instant deadline() {
        return clock.instant().plus(timeout);
    }

    /** The existing tasks of the given ARNs, with their resource tags. */
    List<Task> tasks(String cluster, List<String> arns, Instant until) throws IOException, InterruptedException {
        List<Task> tasks = new ArrayList<>();
        for (int i = 0; i < arns.size(); i += AT_ONCE) {
            List<String> some = arns.subList(i, Math.min(arns.size(), i + AT_ONCE));
            ask(
                            Action.DESCRIBE_TASKS,
                            () -> client.describeTasks(request ->
                                    request.cluster(cluster).tasks(some).include(TaskField.TAGS)),
                            until)
                    .tasks()
                    .forEach(task -> tasks.add(task(task)));
        }
        return tasks;
    }

    /** The ARNs of the running and pending tasks on a container instance. */
    List<String> tasksOn(String cluster, String instance, Instant until) throws IOException, InterruptedException {
        return ask(
                Action.LIST_TASKS,
                () ->
                        client
                                .listTasksPaginator(
                                        request -> request.cluster(cluster).containerInstance(instance))
                                .taskArns()
                                .stream()
                                .toList(),
                until);
    }

    /** The tags of a container instance. */
    Map<String, String> instanceTags(String cluster, String instance, Instant until)
            throws IOException, InterruptedException {
        return ask(
                        Action.DESCRIBE_CONTAINER_INSTANCES,
                        () -> client.describeContainerInstances(request -> request.cluster(cluster)
                                .containerInstances(instance)
                                .include(ContainerInstanceField.TAGS)),
                        until)
                .containerInstances()
                .stream()
                .findFirst()
                .map(found -> map(found.tags()))
                .orElse(Map.of());
    }

    /** The tags of a service. */
    Map<String, String> serviceTags(String arn, Instant until) throws IOException, InterruptedException {
        return map(ask(
                        Action.LIST_TAGS_FOR_RESOURCE,
                        () -> client.listTagsForResource(request -> request.resourceArn(arn)),
                        until)
                .tags());
    }

    private <T> T ask(Action action, Callable<T> call, Instant until) throws IOException, InterruptedException {
        SourcePause pause = pauses.get(action);
        pause.check();
        Duration left = Duration.between(clock.instant(), until);
        if (left.isNegative() || left.isZero()) {
            throw new IOException(action.right + ": " + name + " was not asked: earlier questions used up the time");
        }
        if (!bucket.take()) {
            throw new IOException(
                    action.right + ": " + name + " has reached the limit of requests; the next request comes later");
        }
        FutureTask<T> answer = new FutureTask<>(call);
        executor.execute(answer);
        try {
            T answered = answer.get(left.toMillis(), TimeUnit.MILLISECONDS);
            pause.answered();
            return answered;
        } catch (TimeoutException e) {
            throw failed(action, name + " does not answer within " + timeout, Duration.ZERO, e);
        } catch (ExecutionException e) {
            Throwable why = e.getCause();
            throw why instanceof AwsServiceException answered
                    ? refused(action, answered)
                    : failed(action, name + " can't be asked: " + words(why), Duration.ZERO, why);
        } finally {
            answer.cancel(true);
        }
    }

    private IOException refused(Action action, AwsServiceException why) {
        AwsErrorDetails details = why.awsErrorDetails();
        String words = name + " answers " + why.statusCode()
                + Stream.of(details.errorCode(), details.errorMessage())
                        .filter(Objects::nonNull)
                        .map(text -> ": " + text)
                        .collect(Collectors.joining());
        if (why.statusCode() == FORBIDDEN || "AccessDeniedException".equals(details.errorCode())) {
            return failed(
                    action,
                    "not allowed; give the role of this agent the right " + action.right
                            + " (deploy/ecs/policy.json has all permissions): " + words,
                    REFUSED,
                    why);
        }
        return failed(
                action,
                words,
                details.sdkHttpResponse()
                        .firstMatchingHeader("Retry-After")
                        .map(SourcePause::retryAfter)
                        .orElse(Duration.ZERO),
                why);
    }

    /**
     * The SDK's message for missing credentials has many lines, from all of its providers; further messages begin with
     * the essence.
     */
    private static String words(Throwable why) {
        String message = String.valueOf(why.getMessage());
        return message.startsWith("Unable to load credentials")
                ? "there are no AWS credentials here, neither in the environment nor in ~/.aws, and no role of the task or of the instance"
                : message.lines().findFirst().orElse("");
    }

    /** Logs the failure once, until the next success. */
    private IOException failed(Action action, String why, Duration atLeast, Throwable cause) {
        if (pauses.get(action).failed(action.right + ": " + why, atLeast)) {
            log.warn("{}: {}; until the next answer its tags are left out", action.right, why);
        }
        return new IOException(action.right + ": " + why, cause);
    }

    private static Task task(software.amazon.awssdk.services.ecs.model.Task answered) {
        String definition = text(answered.taskDefinitionArn());
        String revised = definition.substring(definition.lastIndexOf('/') + 1);
        int colon = revised.lastIndexOf(':');
        String group = text(answered.group());
        return new Task(
                new Task.Identity(
                        text(answered.taskArn()),
                        colon < 0 ? revised : revised.substring(0, colon),
                        colon < 0 ? "" : revised.substring(colon + 1),
                        text(answered.clusterArn()),
                        group.startsWith("service:") ? group.substring("service:".length()) : ""),
                new Task.Placement(
                        text(answered.availabilityZone()),
                        text(answered.containerInstanceArn()),
                        text(answered.launchTypeAsString())),
                text(answered.lastStatus()),
                answered.containers().stream()
                        .map(container -> new Task.Container(
                                text(container.runtimeId()),
                                text(container.name()),
                                "",
                                text(container.image()),
                                Map.of()))
                        .toList(),
                List.of(map(answered.tags())),
                true);
    }

    private static Map<String, String> map(List<Tag> tags) {
        Map<String, String> map = new HashMap<>();
        tags.forEach(tag -> map.put(text(tag.key()), text(tag.value())));
        return map;
    }

    private static String text(String answered) {
        return answered == null ? "" : answered;
    }

    @Override
    public void close() {
        client.close();
    }

    @Override
    public String toString() {
        return name;
    }
}
