package io.tagger.ipc.server;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;

/**
 * The parts of the agent that a server shows to an operator, and the changes that an operator may ask for. The server
 * calls the methods on its event loop unless noted; implementations are thread-safe.
 */
public interface Operator {
    /**
     * Renders the metrics. Called on a worker thread.
     *
     * @param statistics the counters of the server
     * @param isOpenMetrics whether the format is OpenMetrics 1.0; otherwise the text format of Prometheus 0.0.4
     * @return the text
     */
    String metrics(IpcServer.Statistics statistics, boolean isOpenMetrics);

    /**
     * The settings in use.
     *
     * @return by key: the value as HOCON, and the origin
     */
    default Map<String, Map.Entry<String, String>> settings() {
        return Map.of();
    }

    /**
     * Reads the configuration again. Called on a worker thread.
     *
     * @return completes with the effect, as members of a JSON object; with an {@link IllegalArgumentException} or {@link
     *     IllegalStateException} whose message has a line for each problem, if the configuration stays as before
     */
    default CompletionStage<Map<String, Object>> reload() {
        return CompletableFuture.failedFuture(new IllegalStateException("this process can't be reloaded"));
    }

    /**
     * Changes the level of the log.
     *
     * @param level the name of the level
     * @param time how long the level holds; zero for ever
     * @return the level in use, and until when, as members of a JSON object
     * @throws IllegalArgumentException if there is no such level; the message names the levels
     */
    default Map<String, Object> log(String level, Duration time) {
        throw new IllegalArgumentException("the log of this process can't be changed");
    }

    /**
     * The last lines of the log.
     *
     * @return the lines, the eldest first
     */
    default List<String> recentLog() {
        return List.of();
    }

    /**
     * Takes note of an answered lookup.
     *
     * @param nanos the time from the request to the answer, in nanoseconds
     * @param isHit whether the answer was in the store
     */
    default void looked(long nanos, boolean isHit) {}

    /**
     * An operator with metrics alone.
     *
     * @param metrics renders the metrics
     * @return the operator
     */
    static Operator ofMetrics(Function<IpcServer.Statistics, String> metrics) {
        return (statistics, isOpenMetrics) -> metrics.apply(statistics);
    }
}
