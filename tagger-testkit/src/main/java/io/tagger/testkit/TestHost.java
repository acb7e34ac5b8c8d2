package io.tagger.testkit;

import io.tagger.api.CollectorMode;
import io.tagger.api.EntityId;
import io.tagger.api.collector.Collector;
import io.tagger.api.collector.Puller;
import io.tagger.api.collector.Streamer;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/** Runs a collector once like a host, for tests of its reports. */
public final class TestHost {
    private static final Duration LIMIT = Duration.ofSeconds(10);

    private TestHost() {}

    /**
     * Runs the whole life of a collector: detects, streams until synced or pulls once, fetches some entities, and
     * closes.
     *
     * @param collector a new instance
     * @param settings the collector's block of the configuration
     * @param asked entities to fetch, as on misses
     * @return all reports: first the pushed reports, then the fetched reports
     * @throws Exception any error of the collector
     * @throws AssertionError if the collector has not synced within 10 s
     */
    public static RecordingSink collect(Collector collector, Map<String, Object> settings, EntityId... asked)
            throws Exception {
        RecordingSink sink = new RecordingSink(collector.name());
        try (TestContext context = new TestContext(settings)) {
            collector.detect(context);
            if (collector instanceof Streamer streamer && collector.mode() == CollectorMode.STREAM) {
                stream(streamer, sink);
            } else if (collector instanceof Puller puller) {
                puller.pull(sink);
            }
            for (EntityId entity : asked) {
                sink.send(collector.fetch(entity));
            }
            return sink;
        } finally {
            collector.close();
        }
    }

    private static void stream(Streamer streamer, RecordingSink sink) throws Exception {
        FutureTask<Boolean> task = new FutureTask<>(() -> {
            streamer.stream(sink);
            return true;
        });
        Thread thread = new Thread(task, "test-host");
        thread.setDaemon(true);
        thread.start();
        try {
            if (!sink.awaitSynced(LIMIT, task::isDone)) {
                if (task.isDone()) {
                    task.get();
                }
                throw new AssertionError("the collector has not called synced() within " + LIMIT.toSeconds() + " s");
            }
        } catch (ExecutionException e) {
            if (e.getCause() instanceof Exception exception) {
                throw exception;
            }
            throw new AssertionError(e.getCause());
        } finally {
            thread.interrupt();
            thread.join(LIMIT.toMillis());
        }
    }
}
