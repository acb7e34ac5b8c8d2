package io.tagger.runtime.collect;

import io.tagger.api.CollectorStatus;
import io.tagger.api.collector.CollectorUnavailableException;
import io.tagger.runtime.plugin.CollectorPlugin;
import java.io.IOException;
import java.util.concurrent.atomic.LongAdder;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The counters and the last error of one collector, over all its instances. Thread-safe. */
final class CollectorCounters {
    private static final Logger LOG = LoggerFactory.getLogger(CollectorCounters.class);

    private static final Pattern LIBRARY = Pattern.compile("(?:java|javax|jdk|sun|com\\.sun|io\\.tagger)\\..*");

    private final String collector;
    private final String pluginPackage;
    private final LongAdder infos = new LongAdder();
    private final LongAdder rejected = new LongAdder();
    private final LongAdder fetches = new LongAdder();
    private final LongAdder failures = new LongAdder();
    private final LongAdder timeouts = new LongAdder();
    private volatile String lastError = "";

    CollectorCounters(CollectorPlugin plugin) {
        collector = plugin.name();
        String type = plugin.className();
        pluginPackage = type.substring(0, type.lastIndexOf('.') + 1);
    }

    void accepted(int count) {
        infos.add(count);
    }

    void rejected(String why) {
        rejected.increment();
        error(why);
    }

    void fetchStarted() {
        fetches.increment();
    }

    void failed(String why) {
        failures.increment();
        error(why);
    }

    void timedOut() {
        timeouts.increment();
    }

    String lastError() {
        return lastError;
    }

    CollectorStatus.Counters counters(long starts) {
        return new CollectorStatus.Counters(
                starts, infos.sum(), rejected.sum(), fetches.sum(), failures.sum(), timeouts.sum());
    }

    private void error(String what) {
        lastError = what;
        LOG.debug("collector {}: {}", collector, what);
    }

    /**
     * An error of a collector in words for an operator: the message alone if written for an operator or by the host,
     * else with the type and, unless the fault is the source's, the first place in the plugin's own code.
     */
    String words(Throwable error) {
        String message = error.getMessage();
        boolean isSentence = message != null && message.contains(" "); // the JDK's may be a bare name of a file or host
        if (error instanceof CollectorUnavailableException && message != null
                || error instanceof IOException && isSentence) {
            return message;
        }
        String place = error instanceof IOException ? "" : place(error);
        if (place.isEmpty()) {
            return error instanceof IllegalStateException && message != null ? message : error.toString();
        }
        String type = error.getClass().getName();
        String name = type.startsWith("java.") ? error.getClass().getSimpleName() : type;
        return name + (message == null ? "" : ": " + message) + " at " + place;
    }

    /** The first frame in the package of the collector's class or below, else the first outside of the libraries. */
    private String place(Throwable error) {
        String other = "";
        for (StackTraceElement frame : error.getStackTrace()) {
            String in = frame.getClassName();
            if (!pluginPackage.isEmpty() && in.startsWith(pluginPackage)) {
                return text(frame);
            }
            if (other.isEmpty() && !LIBRARY.matcher(in).matches()) {
                other = text(frame);
            }
        }
        return other;
    }

    /** Without the module and the class loader, which {@link StackTraceElement#toString} adds. */
    private static String text(StackTraceElement frame) {
        String line = frame.getLineNumber() < 0 ? "" : ":" + frame.getLineNumber();
        return frame.getClassName() + "." + frame.getMethodName() + "(" + frame.getFileName() + line + ")";
    }
}
