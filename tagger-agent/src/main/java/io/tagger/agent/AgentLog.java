package io.tagger.agent;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.tagger.config.InvalidConfigurationException;
import io.tagger.config.TaggerConfig;
import io.tagger.runtime.collect.DaemonThreads;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.ArrayDeque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.logging.Formatter;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The log of the agent: a line for each record on the standard error output, as text or as JSON, at a level that may change
 * while the agent runs. Thread-safe.
 *
 * <p>The JDK's logging is behind SLF4J here: every runtime has java.util.logging, and the levels can change.
 */
final class AgentLog {
    /** Libraries whose lines at the level info are of no use to an operator. */
    private static final List<String> QUIET = List.of("com.github.dockerjava", "io.netty", "io.vertx", "io.grpc");

    private static final Map<String, Level> LEVELS = new LinkedHashMap<>();

    static {
        LEVELS.put("error", Level.SEVERE);
        LEVELS.put("warn", Level.WARNING);
        LEVELS.put("info", Level.INFO);
        LEVELS.put("debug", Level.FINE);
        LEVELS.put("trace", Level.FINEST);
    }

    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern(
                    "yyyy-MM-dd'T'HH:mm:ss.SSSXXX", Locale.ROOT)
            .withZone(ZoneId.systemDefault());

    /** The lines kept for a report, and the characters of each. */
    private static final int MOST_LINES = 300;

    private static final int LONGEST_LINE = 2_000;

    private static final Pattern LINE_END = Pattern.compile("\\R");

    private final ArrayDeque<String> recent = new ArrayDeque<>(); // guarded by itself
    private final Logger root = Logger.getLogger("");
    private final Handler handler = new ErrorOutput();
    private final List<Logger> quiet = QUIET.stream().map(Logger::getLogger).toList(); // or the levels may be forgotten
    private final ScheduledThreadPoolExecutor timer =
            new ScheduledThreadPoolExecutor(1, DaemonThreads.named("tagger-log-level"));
    private String configured = "info"; // guarded by this
    private @Nullable ScheduledFuture<?> end; // guarded by this; of a level for a time

    private AgentLog() {}

    /** Puts this log in place of the JDK's; text at the level info, until the configuration is known. */
    static AgentLog install() {
        AgentLog log = new AgentLog();
        for (Handler other : log.root.getHandlers()) {
            log.root.removeHandler(other);
        }
        log.handler.setFormatter(new Line());
        log.root.addHandler(log.handler);
        log.use("info");
        return log;
    }

    /**
     * Checks the settings.
     *
     * @throws InvalidConfigurationException if a setting is wrong
     */
    static void check(TaggerConfig config) {
        config.choice("log.level", LEVELS.keySet());
        config.choice("log.format", Set.of("text", "json"));
    }

    /** Takes the settings of a configuration; ends a level for a time. */
    synchronized void configure(TaggerConfig config) {
        configured = config.text("log.level");
        handler.setFormatter(config.text("log.format").equals("json") ? new Json() : new Line());
        level(configured, Duration.ZERO);
    }

    /**
     * Changes the level.
     *
     * @param level the level
     * @param time how long the level holds; zero up to the next configuration
     * @return the moment at which the configured level comes back; null for none
     * @throws IllegalArgumentException if there is no such level
     */
    synchronized @Nullable Instant level(String level, Duration time) {
        if (!LEVELS.containsKey(level)) {
            throw new IllegalArgumentException("the level is '" + level + "', and must be one of " + LEVELS.keySet());
        }
        if (end != null) {
            end.cancel(false);
            end = null;
        }
        use(level);
        if (time.isZero()) {
            return null;
        }
        end = timer.schedule(this::restore, time.toMillis(), TimeUnit.MILLISECONDS);
        return Instant.now().plus(time).truncatedTo(ChronoUnit.SECONDS);
    }

    private synchronized void restore() {
        end = null;
        use(configured);
    }

    private void use(String level) {
        root.setLevel(LEVELS.get(level));
        Level least = level.equals("trace") ? Level.FINEST : level.equals("error") ? Level.SEVERE : Level.WARNING;
        quiet.forEach(logger -> logger.setLevel(least));
    }

    /** The last lines of the log. */
    List<String> recent() {
        synchronized (recent) {
            return List.copyOf(recent);
        }
    }

    private void keep(String line) {
        synchronized (recent) {
            if (recent.size() >= MOST_LINES) {
                recent.remove();
            }
            recent.add(line.length() <= LONGEST_LINE ? line : line.substring(0, LONGEST_LINE));
        }
    }

    /** Prints to the present standard error output: {@link RepeatedLines} replaces the output of the start. */
    private final class ErrorOutput extends Handler {
        @Override
        public void publish(LogRecord record) {
            if (isLoggable(record)) {
                String text = getFormatter().format(record);
                System.err.print(text);
                keep(text.strip());
            }
        }

        @Override
        public void flush() {
            System.err.flush();
        }

        @Override
        public void close() {
            flush();
        }
    }

    private static String level(LogRecord record) {
        int level = record.getLevel().intValue();
        return level >= Level.SEVERE.intValue()
                ? "ERROR"
                : level >= Level.WARNING.intValue()
                        ? "WARN"
                        : level >= Level.INFO.intValue() ? "INFO" : level >= Level.FINE.intValue() ? "DEBUG" : "TRACE";
    }

    private static String stack(LogRecord record) {
        if (record.getThrown() == null) {
            return "";
        }
        StringWriter text = new StringWriter();
        record.getThrown().printStackTrace(new PrintWriter(text, true));
        return text.toString();
    }

    private static String shortName(LogRecord record) {
        String name = String.valueOf(record.getLoggerName());
        return name.substring(name.lastIndexOf('.') + 1);
    }

    /** {@code 2026-01-01T00:00:00.000Z WARN docker - the message}, and the stack in further lines. */
    private static final class Line extends Formatter {
        @Override
        public String format(LogRecord record) {
            return TIME.format(record.getInstant()) + " " + level(record) + " " + shortName(record) + " - "
                    + oneLine(formatMessage(record)) + System.lineSeparator() + stack(record);
        }
    }

    /** A message has strangers' text, such as tags: a line end there must not begin a line of the log. */
    private static String oneLine(String message) {
        return LINE_END.matcher(message).replaceAll("\\\\n");
    }

    /** A JSON object in a line: time, level, logger, message, and stack for an error with a stack. */
    private static final class Json extends Formatter {
        private static final JsonFactory JSON = new JsonFactory();

        @Override
        public String format(LogRecord record) {
            StringWriter text = new StringWriter();
            try (JsonGenerator json = JSON.createGenerator(text)) {
                json.writeStartObject();
                json.writeStringField("time", TIME.format(record.getInstant()));
                json.writeStringField("level", level(record).toLowerCase(Locale.ROOT));
                json.writeStringField("logger", String.valueOf(record.getLoggerName()));
                json.writeStringField("message", formatMessage(record));
                if (record.getThrown() != null) {
                    json.writeStringField("stack", stack(record));
                }
                json.writeEndObject();
            } catch (IOException e) {
                throw new UncheckedIOException(e); // a text does not fail
            }
            return text + System.lineSeparator();
        }
    }
}
