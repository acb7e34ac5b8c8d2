package io.tagger.client;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The settings of the client in one process. The first of these with a setting counts: the system property {@code
 * tagger.client.check-interval}, the environment's {@code TAGGER_CLIENT_CHECK_INTERVAL}, and {@code
 * tagger.client.check-interval} in {@code tagger.conf}, where typesafe-config is on the class path. Immutable.
 */
public final class ProcessSettings {
    private static final String PROPERTY = "tagger.client.";
    private static final String VARIABLE = "TAGGER_CLIENT_";
    private static final Set<String> KEYS = Set.of(
            "agent", "authority", "token-file", "deadline", "ask-again", "check-interval", "retry-min", "retry-max");
    /** Made when a setting is a time: most processes have none. */
    private static final class Times {
        static final Pattern FORM =
                Pattern.compile("([0-9]{1,9})\\s*(ms|milliseconds?|s|seconds?|m|minutes?|h|hours?)?");
    }

    private final Properties properties;
    private final Map<String, String> environment;
    private final ConfigurationFile file;

    private ProcessSettings(Properties properties, Map<String, String> environment, ConfigurationFile file) {
        this.properties = properties;
        this.environment = Map.copyOf(environment);
        this.file = file;
    }

    /**
     * The settings of this process.
     *
     * @param file the configuration file; without one the file of the process: named by the system property {@code
     *     tagger.conf} or the environment's {@code TAGGER_CONF}, else {@code tagger.conf} of the class path, else {@code
     *     /etc/tagger/tagger.conf} if present. The file is read when a setting is not given above it
     * @return the settings
     */
    public static ProcessSettings ofProcess(Optional<Path> file) {
        ConfigurationFile read = file.isPresent() ? ConfigurationFile.of(file.get()) : ConfigurationFile.ofProcess();
        return of(System.getProperties(), System.getenv(), read);
    }

    static ProcessSettings of(Properties properties, Map<String, String> environment, ConfigurationFile file) {
        return new ProcessSettings(properties, environment, file);
    }

    /** Refuses keys that are no settings: a typing error must not pass for a default. */
    ProcessSettings checked() {
        Set<String> wrong = new TreeSet<>();
        for (String name : properties.stringPropertyNames()) {
            if (name.startsWith(PROPERTY) && !KEYS.contains(name.substring(PROPERTY.length()))) {
                wrong.add("the system property " + name);
            }
        }
        for (String name : environment.keySet()) {
            // Kubernetes makes variables for a Service called tagger-client.
            if (name.startsWith(VARIABLE)
                    && !name.matches("TAGGER_CLIENT_(SERVICE|PORT)(_.*)?")
                    && KEYS.stream().noneMatch(key -> variable(key).equals(name))) {
                wrong.add("the environment's " + name);
            }
        }
        for (String key : file.keys("tagger.client")) {
            if (!KEYS.contains(key)) {
                wrong.add(PROPERTY + key + " in " + file);
            }
        }
        if (!wrong.isEmpty()) {
            throw new IllegalStateException("unknown settings of the client: " + String.join(", ", wrong)
                    + "; there are " + PROPERTY + String.join(", " + PROPERTY, new TreeSet<>(KEYS)));
        }
        return this;
    }

    /** A setting above the file; empty texts count as not set. */
    Optional<String> aboveFile(String key) {
        String property = properties.getProperty(PROPERTY + key);
        return given(property == null ? environment.get(variable(key)) : property);
    }

    /** A setting of the block {@code tagger.client}. */
    Optional<String> get(String key) {
        Optional<String> above = aboveFile(key);
        return above.isPresent() ? above : inFile(PROPERTY + key);
    }

    /** Any setting in the file. */
    Optional<String> inFile(String path) {
        return given(file.get(path).orElse(null));
    }

    private static Optional<String> given(@Nullable String text) {
        return text == null || text.isEmpty() ? Optional.empty() : Optional.of(text);
    }

    Map<String, String> environment() {
        return environment;
    }

    Duration duration(String key, Duration otherwise) {
        Optional<String> text = get(key);
        return text.isPresent() ? parse(key, text.get()) : otherwise;
    }

    private Duration parse(String key, String text) {
        try {
            Duration time = duration(text);
            if (time.isZero()) {
                throw new IllegalArgumentException("'" + text + "', and must be 1 ms or more");
            }
            return time;
        } catch (IllegalArgumentException e) {
            throw new IllegalStateException(where(key) + " is " + e.getMessage(), e);
        }
    }

    /** Reads a time as configurations write it; milliseconds without a unit. */
    static Duration duration(String text) {
        Matcher form = Times.FORM.matcher(text.strip());
        if (!form.matches()) {
            throw new IllegalArgumentException("'" + text + "', and must be a time such as 500ms or 3s");
        }
        long number = Long.parseLong(form.group(1));
        String unit = form.group(2) == null ? "ms" : form.group(2);
        if (unit.equals("ms") || unit.startsWith("milli")) {
            return Duration.ofMillis(number);
        }
        return switch (unit.charAt(0)) {
            case 's' -> Duration.ofSeconds(number);
            case 'm' -> Duration.ofMinutes(number);
            default -> Duration.ofHours(number);
        };
    }

    /** The place of a setting, for an error. */
    String where(String key) {
        if (properties.getProperty(PROPERTY + key) != null) {
            return "the system property " + PROPERTY + key;
        }
        if (environment.containsKey(variable(key))) {
            return PROPERTY + key + " (the environment's " + variable(key) + ")";
        }
        return PROPERTY + key + " (" + file + ")";
    }

    private static String variable(String key) {
        return VARIABLE + key.replace('-', '_').toUpperCase(Locale.ROOT);
    }
}
