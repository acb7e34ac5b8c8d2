package io.tagger.runtime.config;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigOriginFactory;
import com.typesafe.config.ConfigParseOptions;
import com.typesafe.config.ConfigRenderOptions;
import com.typesafe.config.ConfigUtil;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueFactory;
import io.tagger.api.Issue;
import io.tagger.runtime.collect.CollectorHost.Use;
import io.tagger.runtime.plugin.CollectorPlugin;
import java.io.File;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.BiFunction;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/**
 * The effective configuration: the block {@code tagger}, put together and checked.
 *
 * <p>Layers, the first that has a key wins: system properties that begin with {@code tagger.}; the environment, where {@code
 * tagger.store.prune-interval} is {@code TAGGER_STORE_PRUNE_INTERVAL} and an object or a list is written as HOCON; the file; the {@code
 * reference.conf} of every jar. Substitutions are resolved last, over all layers.
 *
 * <p>Keys are strict: one that no {@code reference.conf} has is an error. Only in the environment is an unknown name left alone, because an
 * orchestrator puts variables there that nobody wrote ({@code TAGGER_SERVICE_HOST} for a Kubernetes service called tagger).
 *
 * <p>Immutable and thread-safe.
 */
public final class TaggerConfig {
    /** Where the configuration is looked for when no file is named. */
    public static final Path SYSTEM_FILE = Path.of("/etc/tagger/tagger.conf");

    private static final String ROOT = "tagger";
    private static final String ENVIRONMENT = "TAGGER_";

    private final Config config;
    private final List<Issue> issues;

    private TaggerConfig(Config config, List<Issue> issues) {
        this.config = config;
        this.issues = List.copyOf(issues);
    }

    /**
     * Begins a configuration that reads nothing but the references of the class path.
     *
     * @return a builder
     */
    public static Builder builder() {
        return new Builder();
    }

    /**
     * Begins a configuration with the environment and the system properties of this process.
     *
     * @return a builder without a file
     */
    public static Builder ofProcess() {
        return builder().environment(System.getenv()).systemProperties();
    }

    /**
     * A text.
     *
     * @param key below {@code tagger}
     * @return its value
     */
    public String text(String key) {
        return get(key, Config::getString);
    }

    /**
     * A duration.
     *
     * @param key below {@code tagger}
     * @return its value, more than zero
     * @throws InvalidConfigurationException if it is not
     */
    public Duration duration(String key) {
        Duration duration = get(key, Config::getDuration);
        if (duration.isZero() || duration.isNegative()) {
            throw invalid(key, "must be more than zero");
        }
        return duration;
    }

    /**
     * A whole number within bounds.
     *
     * @param key below {@code tagger}
     * @param min the least
     * @param max the most
     * @return its value
     * @throws InvalidConfigurationException if it is out of bounds
     */
    public int number(String key, int min, int max) {
        int number = get(key, Config::getInt);
        if (number < min || number > max) {
            throw invalid(key, "must be " + min + " to " + max);
        }
        return number;
    }

    /**
     * One of several words.
     *
     * @param key below {@code tagger}
     * @param choices the words
     * @return its value
     * @throws InvalidConfigurationException if it is none of them
     */
    public String choice(String key, Set<String> choices) {
        String text = text(key);
        if (!choices.contains(text)) {
            throw invalid(key, "must be one of " + new TreeSet<>(choices));
        }
        return text;
    }

    /**
     * A collector's block, as {@link io.tagger.api.collector.CollectorContext#settings} lends it.
     *
     * @param collector its name
     * @return keys to plain values; empty if there is no block
     */
    public Map<String, Object> collector(String collector) {
        String path = "collectors." + collector;
        return config.hasPath(path)
                ? Collections.unmodifiableMap(config.getObject(path).unwrapped())
                : Map.of();
    }

    /**
     * What is wrong and did not keep the configuration from being used: blocks of collectors that nobody knows, where {@link
     * Builder#anyCollector} lets them through, and plugins whose {@code reference.conf} can't be used.
     *
     * @return the issues
     */
    public List<Issue> issues() {
        return issues;
    }

    /**
     * Whether a collector is to be used.
     *
     * @param collector its name
     * @return what {@code tagger.collectors.<name>.enabled} says; {@code AUTO} if it says nothing
     * @throws InvalidConfigurationException if it is none of {@code auto}, {@code true} and {@code false}
     */
    public Use use(String collector) {
        String key = "collectors." + collector + ".enabled";
        if (!config.hasPath(key)) {
            return Use.AUTO;
        }
        return switch (text(key).toLowerCase(Locale.ROOT)) {
            case "auto" -> Use.AUTO;
            case "true", "yes", "on" -> Use.REQUIRED;
            case "false", "no", "off" -> Use.OFF;
            default -> throw invalid(key, "must be auto, true or false");
        };
    }

    /**
     * Every setting with where it came from.
     *
     * @return the full keys, sorted, with the values as HOCON and the origins
     */
    public Map<String, Setting> settings() {
        Map<String, Setting> settings = new TreeMap<>();
        collect(ROOT, config.root(), settings);
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
            throw new InvalidConfigurationException(List.of(ROOT + "." + key + ": " + e.getMessage()));
        }
    }

    private InvalidConfigurationException invalid(String key, String rule) {
        ConfigValue value = config.getValue(key);
        return new InvalidConfigurationException(List.of(
                ROOT + "." + key + StrictKeys.at(value.origin()) + " is " + value.unwrapped() + ", and " + rule));
    }

    /**
     * One setting.
     *
     * @param value its value as HOCON
     * @param origin the file and line, the environment variable, the system property, or {@code default}
     */
    public record Setting(String value, String origin) {}

    /** Names the layers. Not thread-safe. */
    public static final class Builder {
        private Config given = ConfigFactory.empty();
        private Map<String, String> environment = Map.of();
        private boolean systemProperties;
        private Set<String> collectors = Set.of();
        private boolean anyCollector;
        private final Map<String, List<URL>> references = new TreeMap<>();
        private final List<String> problems = new ArrayList<>();

        private Builder() {}

        /**
         * Names the collectors that are used, so that a block of one that ships no {@code reference.conf} is no unknown key.
         *
         * @param names their names
         * @return this
         */
        public Builder collectors(Set<String> names) {
            collectors = Set.copyOf(names);
            return this;
        }

        /**
         * Names the collectors that are used, with their references where those are not on the class path. What such a file says of
         * other settings than those of its collector has no effect, and one that can't be used is an {@link TaggerConfig#issues issue}.
         *
         * @param found the collectors
         * @return this
         */
        public Builder plugins(List<CollectorPlugin> found) {
            collectors = found.stream().map(CollectorPlugin::name).collect(Collectors.toSet());
            found.forEach(plugin -> references.put(plugin.name(), plugin.references()));
            return this;
        }

        /**
         * Lets blocks of unknown collectors through: where a collector could not be loaded, its name is not known, and its block is no typing
         * error. {@link TaggerConfig#issues} lists them.
         *
         * @return this
         */
        public Builder anyCollector() {
            anyCollector = true;
            return this;
        }

        /**
         * Reads a file.
         *
         * @param file HOCON, JSON or properties, by its extension; HOCON otherwise
         * @return this
         */
        public Builder file(Path file) {
            return parse(() -> {
                if (!Files.isReadable(file)) {
                    problems.add(file + ": there is no such file, or it can't be read");
                    return ConfigFactory.empty();
                }
                return ConfigFactory.parseFile(
                        file.toFile(), ConfigParseOptions.defaults().setAllowMissing(false));
            });
        }

        /**
         * Reads the file of this process: the one that the system property {@code tagger.conf} or the environment's {@code TAGGER_CONF}
         * names, else {@code tagger.conf} of the class path, else {@link #SYSTEM_FILE} if it is there.
         *
         * @return this
         */
        public Builder fileOfProcess() {
            String named = System.getProperty("tagger.conf", System.getenv().getOrDefault("TAGGER_CONF", ""));
            if (!named.isEmpty()) {
                return file(Path.of(named));
            }
            if (loader().getResource("tagger.conf") != null) {
                return parse(() -> ConfigFactory.parseResources(loader(), "tagger.conf"));
            }
            return Files.isReadable(SYSTEM_FILE) ? file(SYSTEM_FILE) : this;
        }

        /**
         * Reads a text.
         *
         * @param hocon the text
         * @return this
         */
        public Builder text(String hocon) {
            return parse(() -> ConfigFactory.parseString(hocon));
        }

        /**
         * Takes settings from environment variables.
         *
         * @param variables the environment
         * @return this
         */
        public Builder environment(Map<String, String> variables) {
            environment = Map.copyOf(variables);
            return this;
        }

        /**
         * Takes settings from the system properties of this process.
         *
         * @return this
         */
        public Builder systemProperties() {
            systemProperties = true;
            return this;
        }

        /**
         * The folders in which plugin folders lie, as {@code tagger.plugin-path} of the layers so far names them. It is read before the
         * whole is checked, because the plugins have a say in which keys there are.
         *
         * @return the folders; none if the layers can't be put together, which {@link #build} then says
         */
        public List<Path> pluginPath() {
            try {
                Config reference = reference();
                String path = layers(only(reference.resolve()))
                        .withFallback(reference)
                        .resolve()
                        .getString(ROOT + ".plugin-path");
                return Arrays.stream(path.split(File.pathSeparator))
                        .filter(folder -> !folder.isBlank())
                        .map(Path::of)
                        .toList();
            } catch (ConfigException | InvalidPathException e) {
                return List.of();
            }
        }

        /**
         * Puts the layers together and checks them.
         *
         * @return the configuration
         * @throws InvalidConfigurationException with everything that is wrong
         */
        public TaggerConfig build() {
            List<Issue> issues = new ArrayList<>();
            try {
                Config reference = withPlugins(reference(), issues);
                Config grammar = only(reference.resolve());
                Config layers = layers(grammar);
                Config effective = layers.withFallback(reference).resolve();
                Config written = layers.hasPath(ROOT) ? effective(layers, effective) : ConfigFactory.empty();
                problems.addAll(StrictKeys.check(grammar.root(), collectors, written.root(), anyCollector));
                if (problems.isEmpty()) {
                    unknownCollectors(grammar, written)
                            .forEach(
                                    name -> issues.add(
                                            new Issue(
                                                    Issue.Severity.WARNING,
                                                    "tagger.collectors." + name,
                                                    "there is no collector of this name; if it is one of those that could not be loaded, mend that first")));
                    return new TaggerConfig(only(effective), issues);
                }
            } catch (ConfigException e) {
                problems.add(e.getMessage());
            }
            throw new InvalidConfigurationException(problems);
        }

        private static Config reference() {
            return ConfigFactory.parseResources(loader(), "reference.conf");
        }

        /** The references with the blocks that plugins document, each tried by itself. */
        private Config withPlugins(Config reference, List<Issue> issues) {
            Config all = reference;
            for (Map.Entry<String, List<URL>> plugin : references.entrySet()) {
                String path = ROOT + ".collectors." + plugin.getKey();
                for (URL file : plugin.getValue()) {
                    try {
                        Config more =
                                all.withFallback(ConfigFactory.parseURL(file).withOnlyPath(path));
                        more.resolve();
                        all = more;
                    } catch (ConfigException e) {
                        issues.add(new Issue(
                                Issue.Severity.ERROR,
                                file.toString(),
                                "the defaults of collector '" + plugin.getKey() + "' in it are not used: "
                                        + e.getMessage()));
                    }
                }
            }
            return all;
        }

        private Config layers(Config grammar) {
            return fromSystemProperties()
                    .withFallback(fromEnvironment(grammar.root()))
                    .withFallback(given.root().toConfig());
        }

        /** What was given, with its substitutions resolved over everything. */
        private static Config effective(Config layers, Config effective) {
            return only(layers.resolveWith(effective));
        }

        private static Config only(Config config) {
            return config.hasPath(ROOT) ? config.getConfig(ROOT) : ConfigFactory.empty();
        }

        private Set<String> unknownCollectors(Config grammar, Config written) {
            Set<String> names = new TreeSet<>();
            if (written.hasPath("collectors")) {
                names.addAll(written.getObject("collectors").keySet());
                names.removeAll(grammar.getObject("collectors").keySet());
                names.removeAll(collectors);
            }
            return names;
        }

        private Config fromSystemProperties() {
            Config properties = ConfigFactory.empty();
            if (systemProperties) {
                for (String name : System.getProperties().stringPropertyNames()) {
                    if (name.startsWith(ROOT + ".")
                            && !name.equals("tagger.conf")
                            && !name.startsWith("tagger.launcher.")) {
                        properties = properties.withValue(
                                name, value(System.getProperty(name), "the system property " + name));
                    }
                }
            }
            return properties;
        }

        private Config fromEnvironment(ConfigObject grammar) {
            Config variables = ConfigFactory.empty();
            if (environment.keySet().stream().anyMatch(name -> name.startsWith(ENVIRONMENT))) {
                for (String path : leaves("", grammar)) {
                    String name = ENVIRONMENT + path.replaceAll("[.-]", "_").toUpperCase(Locale.ROOT);
                    String value = environment.get(name);
                    if (value != null) {
                        variables = variables.withValue(ROOT + "." + path, value(value, "the environment's " + name));
                    }
                }
            }
            return variables;
        }

        /** Text that looks like an object or a list is one; everything else is the text that it is. */
        private static ConfigValue value(String text, String origin) {
            String trimmed = text.trim();
            if (trimmed.startsWith("{") || trimmed.startsWith("[")) {
                ConfigParseOptions options = ConfigParseOptions.defaults().setOriginDescription(origin);
                return ConfigFactory.parseString("v = " + trimmed, options).getValue("v");
            }
            return ConfigValueFactory.fromAnyRef(text).withOrigin(ConfigOriginFactory.newSimple(origin));
        }

        private static List<String> leaves(String prefix, ConfigObject object) {
            List<String> leaves = new ArrayList<>();
            for (Map.Entry<String, ConfigValue> entry : object.entrySet()) {
                String path = prefix + ConfigUtil.joinPath(entry.getKey());
                if (entry.getValue() instanceof ConfigObject block && !block.isEmpty()) {
                    leaves.addAll(leaves(path + ".", block));
                } else {
                    leaves.add(path);
                }
            }
            return leaves;
        }

        private Builder parse(Supplier<Config> text) {
            try {
                given = text.get().withFallback(given);
            } catch (ConfigException e) {
                problems.add(e.getMessage());
            }
            return this;
        }

        static ClassLoader loader() {
            ClassLoader context = Thread.currentThread().getContextClassLoader();
            return context == null ? TaggerConfig.class.getClassLoader() : context;
        }
    }
}
