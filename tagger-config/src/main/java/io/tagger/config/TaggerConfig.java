package io.tagger.config;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigRenderOptions;
import com.typesafe.config.ConfigUtil;
import com.typesafe.config.ConfigValue;
import io.tagger.api.Issue;
import io.tagger.api.collector.Backoff;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.BiFunction;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The effective configuration of a process: the block {@code tagger}, put together by {@link ConfigLayers} and checked.
 * Immutable and thread-safe.
 */
public final class TaggerConfig {
    private static final Pattern KEY =
            Pattern.compile("\\btagger\\.((?:\"[^\"]*\"|[A-Za-z0-9_-]+)(?:\\.(?:\"[^\"]*\"|[A-Za-z0-9_-]+))*)");

    private final Config config;
    private final List<Issue> issues;

    /** Takes a checked block. */
    TaggerConfig(Config config, List<Issue> issues) {
        this.config = config;
        this.issues = List.copyOf(issues);
    }

    /**
     * A text.
     *
     * @param key below {@code tagger}
     * @return the value
     */
    public String text(String key) {
        return get(key, Config::getString);
    }

    /**
     * A duration.
     *
     * @param key below {@code tagger}
     * @return the value, more than zero
     * @throws InvalidConfigurationException if the value is zero or less
     */
    public Duration duration(String key) {
        Duration duration = get(key, Config::getDuration);
        if (duration.isZero() || duration.isNegative()) {
            throw invalid(key, "must be more than zero");
        }
        return duration;
    }

    /**
     * A duration that may be zero.
     *
     * @param key the key below {@code tagger}
     * @return the duration, not negative
     * @throws InvalidConfigurationException if the value is no duration, or negative
     */
    public Duration durationOrZero(String key) {
        Duration duration = get(key, Config::getDuration);
        if (duration.isNegative()) {
            throw invalid(key, "must not be negative");
        }
        return duration;
    }

    /**
     * A duration with an upper bound in another setting.
     *
     * @param key the key below {@code tagger}
     * @param longest the key of the bound
     * @return the value, more than zero
     * @throws InvalidConfigurationException if the value is zero or less, or above the bound
     */
    public Duration durationUpTo(String key, String longest) {
        Duration duration = duration(key);
        if (duration.compareTo(duration(longest)) > 0) {
            throw invalid(
                    key,
                    "must not be longer than " + ConfigLayers.ROOT + "." + longest + ", which is "
                            + config.getValue(longest).unwrapped());
        }
        return duration;
    }

    /**
     * Adds the place of a setting to a message about it.
     *
     * @param message a message that names the full key of a setting, such as {@code tagger.collectors.docker.host}
     * @return the message with the file and line, or the variable, behind the key; unchanged if the setting has its
     *     default, or the message names no setting
     */
    public String located(String message) {
        Matcher key = KEY.matcher(message);
        while (key.find()) {
            for (String path = key.group(1);
                    !path.isEmpty();
                    path = path.substring(0, Math.max(0, path.lastIndexOf('.')))) {
                if (hasPath(path)) {
                    String origin = origin(config.getValue(path));
                    int end = key.start(1) + path.length();
                    return origin.equals("default") || message.startsWith(" at ", end)
                            ? message
                            : message.substring(0, end) + " at " + origin + message.substring(end);
                }
            }
        }
        return message;
    }

    private boolean hasPath(String path) {
        try {
            return config.hasPath(path);
        } catch (ConfigException e) {
            return false; // no path but a part of a sentence
        }
    }

    /**
     * The pauses between failing attempts, from the settings {@code retry-min} and {@code retry-max} of a block.
     *
     * @param block the block below {@code tagger}
     * @return the pauses
     * @throws InvalidConfigurationException if the bounds are not valid
     */
    public Backoff backoff(String block) {
        try {
            return new Backoff(duration(block + ".retry-min"), duration(block + ".retry-max"));
        } catch (IllegalArgumentException e) {
            throw new InvalidConfigurationException(
                    List.of("tagger." + block + ".retry-min and retry-max: " + e.getMessage()));
        }
    }

    /**
     * A whole number within bounds.
     *
     * @param key below {@code tagger}
     * @param min the least
     * @param max the most
     * @return the value
     * @throws InvalidConfigurationException if the value is out of bounds
     */
    public int number(String key, int min, int max) {
        int number = get(key, Config::getInt);
        if (number < min || number > max) {
            throw invalid(key, "must be " + min + " to " + max);
        }
        return number;
    }

    /**
     * A choice between several words.
     *
     * @param key below {@code tagger}
     * @param choices the words
     * @return the value
     * @throws InvalidConfigurationException if the value is no valid choice
     */
    public String choice(String key, Set<String> choices) {
        String text = text(key);
        if (!choices.contains(text)) {
            throw invalid(key, "must be one of " + new TreeSet<>(choices));
        }
        return text;
    }

    /**
     * A flag.
     *
     * @param key below {@code tagger}
     * @return the value
     */
    public boolean flag(String key) {
        return get(key, Config::getBoolean);
    }

    /**
     * A list of texts.
     *
     * @param key below {@code tagger}
     * @return the values
     * @throws InvalidConfigurationException if the value is no list of texts
     */
    public List<String> list(String key) {
        return get(key, Config::getStringList);
    }

    /**
     * A block with free keys and texts as values. Keys of nested blocks are joined by dots, so that {@code a.b = c} and
     * {@code "a.b" = c} are the same.
     *
     * @param key below {@code tagger}
     * @return the texts by key
     * @throws InvalidConfigurationException if a value is no text
     */
    public Map<String, String> texts(String key) {
        Config block = get(key, Config::getConfig);
        Map<String, String> texts = new TreeMap<>();
        block.entrySet().forEach(entry -> {
            List<String> path = ConfigUtil.splitPath(entry.getKey());
            texts.put(String.join(".", path), get(key + "." + entry.getKey(), Config::getString));
        });
        return texts;
    }

    /**
     * A collector's block, for {@link io.tagger.api.collector.CollectorContext#settings}.
     *
     * @param collector the collector's name
     * @return keys to plain values; empty if there is no block
     */
    public Map<String, Object> collector(String collector) {
        String path = "collectors." + collector;
        return config.hasPath(path)
                ? Collections.unmodifiableMap(config.getObject(path).unwrapped())
                : Map.of();
    }

    /**
     * Problems in spite of which the configuration is used: blocks of unknown collectors, if {@link
     * ConfigLayers#anyCollector} accepts them, and plugins with an unusable {@code reference.conf}.
     *
     * @return the issues
     */
    public List<Issue> issues() {
        return issues;
    }

    /**
     * Whether a collector is to be used.
     *
     * @param collector the collector's name
     * @return the value of {@code tagger.collectors.<name>.enabled}; {@code AUTO} by default
     * @throws InvalidConfigurationException if the value is not {@code auto}, {@code true} or {@code false}
     */
    public CollectorUse use(String collector) {
        String key = "collectors." + collector + ".enabled";
        if (!config.hasPath(key)) {
            return CollectorUse.AUTO;
        }
        return switch (text(key).toLowerCase(Locale.ROOT)) {
            case "auto" -> CollectorUse.AUTO;
            case "true", "yes", "on" -> CollectorUse.REQUIRED;
            case "false", "no", "off" -> CollectorUse.OFF;
            default -> throw invalid(key, "must be auto, true or false");
        };
    }

    /**
     * Every setting with its origin.
     *
     * @return the full keys, sorted, with the values as HOCON and the origins
     */
    public Map<String, Setting> settings() {
        Map<String, Setting> settings = new TreeMap<>();
        collect(ConfigLayers.ROOT, config.root(), settings);
        return settings;
    }

    private static void collect(String path, ConfigObject object, Map<String, Setting> settings) {
        for (Map.Entry<String, ConfigValue> entry : object.entrySet()) {
            String key = path + "." + ConfigUtil.joinPath(entry.getKey());
            ConfigValue value = entry.getValue();
            if (value instanceof ConfigObject block && !block.isEmpty()) {
                collect(key, block, settings);
            } else {
                settings.put(key, new Setting(value.render(ConfigRenderOptions.concise()), origin(value)));
            }
        }
    }

    private static String origin(ConfigValue value) {
        var origin = value.origin();
        if (origin.filename() != null && !origin.filename().endsWith("reference.conf")) {
            return origin.filename() + (origin.lineNumber() > 0 ? ":" + origin.lineNumber() : "");
        }
        String description = origin.description();
        return description.contains("reference.conf") ? "default" : description;
    }

    private <T> T get(String key, BiFunction<Config, String, T> reader) {
        try {
            return reader.apply(config, key);
        } catch (ConfigException e) {
            throw new InvalidConfigurationException(List.of(ConfigLayers.ROOT + "." + key + ": " + e.getMessage()));
        }
    }

    private InvalidConfigurationException invalid(String key, String rule) {
        ConfigValue value = config.getValue(key);
        return new InvalidConfigurationException(List.of(ConfigLayers.ROOT + "." + key + StrictKeys.at(value.origin())
                + " is " + value.unwrapped() + ", and " + rule));
    }

    /**
     * One setting.
     *
     * @param value the value as HOCON
     * @param origin the file and line, the environment variable, the system property, or {@code default}
     */
    public record Setting(String value, String origin) {}
}
