package io.tagger.runtime.collect;

import io.tagger.api.collector.CollectorContext;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;

/**
 * The services of the host for one instance of a collector.
 *
 * @param host the host of the collector
 * @param workers the threads of the instance
 */
record AttemptContext(HostedCollector host, Executor workers) implements CollectorContext {
    @Override
    public Map<String, Object> settings() {
        return host.configuration();
    }

    @Override
    public Clock clock() {
        return host.services().clock();
    }

    @Override
    public String hostName() {
        return host.services().names().host();
    }

    @Override
    public String loggerName() {
        return "tagger.collectors." + host.name();
    }

    @Override
    public void follows(List<String> lineage) {
        host.follow(lineage);
    }

    @Override
    public Executor executor() {
        return command -> {
            try {
                workers.execute(command);
            } catch (RejectedExecutionException e) {
                throw new IllegalStateException(
                        "this instance of " + host.name() + " is closed, and so is its executor", e);
            }
        };
    }
}
