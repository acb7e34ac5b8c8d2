package io.tagger.collectors.ecs;

import io.tagger.api.collector.CollectorContext;
import io.tagger.api.collector.CollectorUnavailableException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;

/**
 * Detects the place of this process: on Fargate, on a container instance of EC2 (in a task or beside the agent), or
 * outside of ECS.
 */
final class Detection {
    private static final List<String> METADATA_URIS =
            List.of("ECS_CONTAINER_METADATA_URI_V4", "ECS_CONTAINER_METADATA_URI");
    private static final String EXECUTION = "AWS_EXECUTION_ENV";
    private static final String FARGATE = "FARGATE";

    private static final String HOST = "http://127.0.0.1:51678";
    private static final String BRIDGE = "http://172.17.0.1:51678";

    private static final double PER_SECOND = 10;
    private static final double BURST = 20;

    private final Map<String, String> environment;
    private final Path agentFolder;
    private final EcsSettings settings;
    private final CollectorContext context;
    private final Logger log;
    private final TokenBucket bucket;
    private final StringBuilder failures = new StringBuilder();

    /**
     * The detected source.
     *
     * @param source the source of tasks
     * @param isAlone whether no other collector reports the containers, as on Fargate
     * @param api the API used by the source, if any
     */
    record Found(TaskSource source, boolean isAlone, Optional<EcsApi> api) {}

    Detection(
            Map<String, String> environment,
            Path agentFolder,
            EcsSettings settings,
            CollectorContext context,
            Logger log) {
        this.environment = environment;
        this.agentFolder = agentFolder;
        this.settings = settings;
        this.context = context;
        this.log = log;
        this.bucket = new TokenBucket(PER_SECOND, BURST, context.clock());
    }

    /** Whether the environment marks a task on Fargate; without a request. */
    static boolean isFargate(Map<String, String> environment) {
        return ("AWS_ECS_" + FARGATE).equals(environment.get(EXECUTION));
    }

    /**
     * Asks around.
     *
     * @throws CollectorUnavailableException if there is no source of tasks
     */
    Found find() throws CollectorUnavailableException, InterruptedException {
        String metadata = METADATA_URIS.stream()
                .map(name -> environment.getOrDefault(name, ""))
                .filter(uri -> !uri.isEmpty())
                .findFirst()
                .orElse("");
        boolean isTask = !metadata.isEmpty();
        Own own = isTask ? own(metadata) : null;
        if (own != null && isOnFargate(own)) {
            return described(own.source, own.isDescribed(), true, own.self.arn());
        }
        IntrospectedTasks agent = agent(isTask);
        if (agent != null) {
            return described(agent, false, false, agent.instanceArn());
        }
        if (own != null) {
            return ownTaskOnEc2(own);
        }
        if (!isTask && settings.introspectionUrl().isEmpty() && !Files.exists(agentFolder)) {
            throw CollectorUnavailableException.absent("there is no ECS here: " + METADATA_URIS.get(0)
                    + " is not in the environment, there is no " + agentFolder + ", and " + failures);
        }
        throw CollectorUnavailableException.retry(failures.toString());
    }

    /** The task of this process, from the task metadata endpoint. */
    private record Own(OwnTask source, Task self) {
        /** Whether the endpoint reports launch type and service, unlike version 3. */
        boolean isDescribed() {
            return !self.launchType().isEmpty();
        }
    }

    private @Nullable Own own(String metadata) throws InterruptedException {
        OwnTask source = new OwnTask(endpoint(metadata), settings.resourceTags().isCollected());
        try {
            return new Own(source, source.self());
        } catch (IOException e) {
            failed(e);
            return null;
        }
    }

    private boolean isOnFargate(Own own) {
        return own.isDescribed() ? own.self.launchType().equals(FARGATE) : isFargate(environment);
    }

    /**
     * In a task on EC2 without access to the agent: the API lists the tasks of the instance, else only this task is
     * known.
     */
    private Found ownTaskOnEc2(Own own) throws InterruptedException {
        Found listed = settings.api().use() == EcsSettings.ApiUse.FALSE ? null : listed(own.self);
        return listed != null ? listed : described(own.source, own.isDescribed(), false, own.self.arn());
    }

    /** The reasons against better sources; empty if the source is the best. */
    String failures() {
        return failures.toString();
    }

    /**
     * Outside of AWS, a connection to Docker's bridge may hang until its deadline, while a connection to this host is
     * refused at once; so the bridge is asked only inside a task.
     */
    private @Nullable IntrospectedTasks agent(boolean isTask) throws InterruptedException {
        List<String> urls = !settings.introspectionUrl().isEmpty()
                ? List.of(settings.introspectionUrl())
                : isTask ? List.of(HOST, BRIDGE) : List.of(HOST);
        for (String url : urls) {
            try {
                if (url.equals(HOST) && !isTask) {
                    knock(url);
                }
                return IntrospectedTasks.at(endpoint(url));
            } catch (IOException e) {
                failed(e);
            }
        }
        return null;
    }

    /** Most machines are outside of AWS: a refused socket costs less than loading an HTTP client. */
    private void knock(String url) throws IOException {
        URI uri = URI.create(url);
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(uri.getHost(), uri.getPort()), (int)
                    settings.requestTimeout().toMillis());
        } catch (IOException e) {
            throw new IOException("nobody listens at " + url + ": " + e.getMessage(), e);
        }
    }

    private Found described(TaskSource source, boolean isDescribed, boolean isAlone, String arn) {
        boolean lacks = !isDescribed || settings.resourceTags().isCollected();
        EcsApi api = lacks && settings.describesByApi() ? api(arn) : null;
        if (api == null) {
            return new Found(source, isAlone, Optional.empty());
        }
        return new Found(
                new DescribedTasks(
                        source, api, isDescribed, settings.resourceTags().isCollected(), context.clock()),
                isAlone,
                Optional.of(api));
    }

    private @Nullable Found listed(Task self) throws InterruptedException {
        EcsApi api = api(self.arn());
        if (api == null) {
            return null;
        }
        try {
            TaskSource listed = ListedTasks.beside(self, api);
            return new Found(
                    settings.resourceTags().isCollected()
                            ? new DescribedTasks(listed, api, true, true, context.clock())
                            : listed,
                    false,
                    Optional.of(api));
        } catch (IOException e) {
            failed(e);
            api.close();
            return null;
        }
    }

    private @Nullable EcsApi api(String arn) {
        try {
            return new EcsApi(
                    Arn.of(arn).map(Arn::region).orElse(""),
                    settings.api().endpoint(),
                    settings.api().timeout(),
                    context.clock(),
                    context.executor(),
                    log);
        } catch (IOException e) {
            failed(e);
            return null;
        }
    }

    private Endpoint endpoint(String url) {
        return new Endpoint(url, settings.requestTimeout(), bucket, context.clock());
    }

    private void failed(IOException why) {
        failures.append(failures.isEmpty() ? "" : "; and ").append(why.getMessage());
    }
}
