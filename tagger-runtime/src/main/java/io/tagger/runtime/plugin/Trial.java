package io.tagger.runtime.plugin;

import io.tagger.api.collector.CollectorContext;
import io.tagger.api.collector.CollectorUnavailableException;
import java.time.Clock;
import java.util.Map;
import java.util.concurrent.Executor;

/** A detection outside of a tagger, for an operator: does a collector find its source with these settings, and this user? */
public final class Trial {
    private Trial() {}

    /** The end of a detection. */
    public enum Outcome {
        /** The source is here, and answers. */
        FOUND,
        /** The source is not here. */
        ABSENT,
        /** The source is here, and gives no answer; or the collector is broken. */
        FAILED
    }

    /**
     * The result of a detection.
     *
     * @param outcome the end
     * @param reason the collector's words; empty for a found source
     */
    public record Result(Outcome outcome, String reason) {}

    /**
     * Detects, within 5 s, and closes the instance.
     *
     * @param plugin the collector
     * @param settings the collector's block of the configuration
     * @param hostName the name of this machine
     * @return the result
     */
    public static Result detect(CollectorPlugin plugin, Map<String, Object> settings, String hostName) {
        try {
            BoundedCall.begin("detection of " + plugin.name(), () -> {
                        PluginInstance instance = plugin.newInstance();
                        try {
                            instance.detect(new Context(plugin.name(), settings, hostName));
                        } finally {
                            instance.close();
                        }
                        return true;
                    })
                    .await();
            return new Result(Outcome.FOUND, "");
        } catch (CollectorUnavailableException e) {
            return new Result(e.isAbsent() ? Outcome.ABSENT : Outcome.FAILED, String.valueOf(e.getMessage()));
        } catch (Throwable e) { // a plugin may throw any error
            return new Result(Outcome.FAILED, e.getMessage() == null ? e.toString() : e.getMessage());
        }
    }

    /** The services for a detection: a thread for each task, and no store behind. */
    private record Context(String name, Map<String, Object> settings, String hostName) implements CollectorContext {
        @Override
        public Clock clock() {
            return Clock.systemUTC();
        }

        @Override
        public String loggerName() {
            return "tagger.collectors." + name;
        }

        @Override
        public Executor executor() {
            return task -> {
                Thread thread = new Thread(task, "tagger-trial-" + name);
                thread.setDaemon(true);
                thread.start();
            };
        }
    }
}
