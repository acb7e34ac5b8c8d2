package io.tagger.config;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigParseOptions;
import com.typesafe.config.ConfigResolveOptions;
import io.tagger.api.Issue;
import java.io.File;
import java.net.URI;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The layers of a configuration, and their reading. The first layer with a key wins:
 *
 * <ol>
 *   <li>system properties that begin with {@code tagger.} <li>the environment: {@code tagger.store.prune-interval} is
 * {@code TAGGER_STORE_PRUNE_INTERVAL}; an object or a list is written as HOCON <li>the file <li>the {@code
 * reference.conf} of every jar
 * </ol>
 *
 * <p>Substitutions are resolved last, over all layers. Keys are strict: a key that no {@code reference.conf} has is an
 * error, in the environment too. The variables of the launcher, and those that Kubernetes makes for a service called
 * tagger ({@code TAGGER_SERVICE_HOST}), are left alone.
 *
 * <p>Not thread-safe.
 */
public final class ConfigLayers {
    /** The file to read if no file is named and this file exists. */
    public static final Path SYSTEM_FILE = Path.of("/etc/tagger/tagger.conf");

    static final String ROOT = "tagger";

    static final String FILE_PROPERTY = "tagger.conf";

    private @Nullable Config documented; // the references of the class path, parsed once
    private Config given = ConfigFactory.empty();
    private final ProcessVariables variables = new ProcessVariables();
    private Optional<String> block = Optional.empty();
    private StrictKeys.Unknown unknown = StrictKeys.Unknown.REFUSED;
    private final Map<String, String> texts = new LinkedHashMap<>(); // by the name of the file
    private final Map<String, List<URL>> collectors = new TreeMap<>();
    private final List<String> problems = new ArrayList<>();

    private ConfigLayers() {}

    /**
     * Begins with the references of the class path alone.
     *
     * @return the layers
     */
    public static ConfigLayers empty() {
        return new ConfigLayers();
    }

    /**
     * Begins with the environment and the system properties of this process, over the references.
     *
     * @return the layers, without a file
     */
    public static ConfigLayers ofProcess() {
        return empty().environment(System.getenv()).systemProperties();
    }

    /**
     * Begins with the environment and the system properties of this process, over a file, over the references.
     *
     * @param file the file; without one, {@link #fileOfProcess}
     * @return the layers
     */
    public static ConfigLayers ofProcess(Optional<Path> file) {
        ConfigLayers layers = ofProcess();
        return file.map(layers::file).orElseGet(layers::fileOfProcess);
    }

    /**
     * Declares a collector in use, so that its block is valid.
     *
     * @param name the collector's name
     * @param references the files with the collector's settings and defaults, for a collector outside of the class
     *     path. Settings of other blocks in such a file have no effect; an unusable file is an {@link
     *     TaggerConfig#issues issue}
     * @return this
     */
    public ConfigLayers collector(String name, List<URL> references) {
        collectors.put(name, List.copyOf(references));
        return this;
    }

    /**
     * Accepts blocks of unknown collectors, for a process with a collector that failed to load: the collector's name is
     * unknown, and its block is no typing error. {@link TaggerConfig#issues} lists such blocks.
     *
     * @return this
     */
    public ConfigLayers anyCollector() {
        if (unknown == StrictKeys.Unknown.REFUSED) {
            unknown = StrictKeys.Unknown.COLLECTORS_FREE;
        }
        return this;
    }

    /**
     * Ignores the blocks of parts that are not in this process: of the agent's server, of the client, and of further
     * collectors. For an application that takes the agent's own file. A misspelt key of a part in this process stays an
     * error.
     *
     * @return this
     */
    public ConfigLayers sharedWithAgent() {
        unknown = StrictKeys.Unknown.FOREIGN_FREE;
        return this;
    }

    /**
     * Restricts the configuration to one block, and ignores all other keys. For a program with a file shared with the
     * agent.
     *
     * @param name the block below {@code tagger}, for instance {@code client}
     * @return this
     */
    public ConfigLayers only(String name) {
        block = Optional.of(name);
        return this;
    }

    /**
     * Reads a file.
     *
     * @param file HOCON, JSON or properties, by extension; HOCON otherwise
     * @return this
     */
    public ConfigLayers file(Path file) {
        return parse(() -> {
            if (!Files.isReadable(file)) {
                problems.add(file + ": the file does not exist, or can't be read");
                return ConfigFactory.empty();
            }
            String text = LostKeys.read(file.toUri());
            texts.put(file.toString(), text);
            return Files.isRegularFile(file)
                    ? ConfigFactory.parseFile(
                            file.toFile(), ConfigParseOptions.defaults().setAllowMissing(false))
                    // A pipe can be read only once.
                    : ConfigFactory.parseString(
                            text, ConfigParseOptions.defaults().setOriginDescription(file.toString()));
        });
    }

    /**
     * Reads the file of this process: the file named by the system property {@code tagger.conf} or the environment's
     * {@code TAGGER_CONF}, else {@code tagger.conf} of the class path, else {@link #SYSTEM_FILE} if present.
     *
     * @return this
     */
    public ConfigLayers fileOfProcess() {
        URL resource = loader().getResource(FILE_PROPERTY);
        if (ProcessFile.named().isEmpty() && resource != null) {
            return parse(() -> {
                texts.put(resource.toString(), LostKeys.read(URI.create(resource.toString())));
                return ConfigFactory.parseResources(loader(), FILE_PROPERTY);
            });
        }
        return ProcessFile.find().map(this::file).orElse(this);
    }

    /**
     * Reads a text.
     *
     * @param hocon the text
     * @return this
     */
    public ConfigLayers text(String hocon) {
        texts.put("the text", hocon);
        return parse(() -> ConfigFactory.parseString(hocon));
    }

    /**
     * Takes settings from environment variables.
     *
     * @param variables the environment
     * @return this
     */
    public ConfigLayers environment(Map<String, String> variables) {
        this.variables.environment(variables);
        return this;
    }

    /**
     * Takes settings from the system properties of this process.
     *
     * @return this
     */
    public ConfigLayers systemProperties() {
        variables.systemProperties();
        return this;
    }

    /**
     * Reads one text from the layers given so far, without a check of the rest. For a setting needed before the check
     * of the whole, or by a program without an interest in the rest.
     *
     * @param key the key below {@code tagger}
     * @return the text; empty if no layer has the key
     * @throws InvalidConfigurationException if a file can't be read, and no layer above the files has the key
     */
    public Optional<String> peek(String key) {
        return read(key, false);
    }

    /**
     * Reads one text from the system properties and the environment alone.
     *
     * @param key the key below {@code tagger}
     * @return the text; empty if neither has the key
     */
    public Optional<String> peekAboveFiles(String key) {
        Config above = variables.of(key);
        String path = ROOT + "." + key;
        return above.hasPath(path) ? Optional.of(above.getString(path)) : Optional.empty();
    }

    /** Reads one text; from the readable files alone, or not at all if a file below the variables can't be read. */
    private Optional<String> read(String key, boolean ignoresProblems) {
        try {
            String path = ROOT + "." + key;
            Config above = variables.of(key);
            if (!problems.isEmpty() && !ignoresProblems && !above.hasPath(path)) {
                throw new InvalidConfigurationException(problems);
            }
            Config all = ConfigBounds.resolved(
                    above.withFallback(given.root().toConfig()).withFallback(reference()),
                    ConfigResolveOptions.defaults().setAllowUnresolved(true));
            return all.hasPath(path) ? Optional.of(all.getString(path)) : Optional.empty();
        } catch (ConfigException e) {
            throw new InvalidConfigurationException(List.of(String.valueOf(e.getMessage())));
        }
    }

    /**
     * The folders of plugin folders, {@code tagger.plugin-path} of the layers given so far. They are needed before the
     * check of the whole, because the plugins decide the valid keys.
     *
     * @return the folders; empty if the layers can't be combined, an error reported by {@link #build}
     */
    public List<Path> pluginPath() {
        try {
            return Arrays.stream(read("plugin-path", true).orElse("").split(File.pathSeparator))
                    .filter(folder -> !folder.isBlank())
                    .map(Path::of)
                    .toList();
        } catch (InvalidConfigurationException | InvalidPathException e) {
            return List.of();
        }
    }

    /**
     * Combines the layers and checks the result.
     *
     * @return the configuration
     * @throws InvalidConfigurationException with every problem found
     */
    public TaggerConfig build() {
        Checked checked = check();
        if (!checked.problems.isEmpty()) {
            throw new InvalidConfigurationException(checked.problems);
        }
        return checked.config.orElseThrow();
    }

    /**
     * The result of a check.
     *
     * @param config the configuration, for further checks even if there are problems; empty if the layers can't be
     *     combined
     * @param problems the problems, a sentence each
     */
    public record Checked(Optional<TaggerConfig> config, List<String> problems) {
        /** Copies the list. */
        public Checked {
            problems = List.copyOf(ConfigBounds.first(problems));
        }
    }

    /**
     * Combines the layers and checks the result, for a program with further checks.
     *
     * @return the configuration and the problems
     */
    public Checked check() {
        List<Issue> issues = new ArrayList<>();
        List<String> found = new ArrayList<>(problems);
        try {
            Config reference = Grammar.withPlugins(restricted(reference()), collectors, issues);
            Config grammar = only(ConfigBounds.resolved(reference));
            Config layers = restricted(substituted(layers(grammar)));
            Config effective = ConfigBounds.resolved(layers.withFallback(reference));
            Config written =
                    only(WrittenValues.of(layers.root(), effective.root()).toConfig());
            found.addAll(StrictKeys.check(grammar.root(), collectors.keySet(), written.root(), unknown));
            Grammar keys = grammar(grammar);
            found.addAll(variables.misspelt(keys.all(), keys::isForeign));
            found.addAll(QuotedSubstitutions.find(written.root()));
            Map<String, String> all = new LinkedHashMap<>(texts);
            all.putAll(variables.blocks(keys.all()));
            all.forEach((place, text) -> found.addAll(LostKeys.find(text, place, keys.maps())));
            if (found.isEmpty()) {
                unknownCollectors(grammar, written).forEach(name -> issues.add(unknownCollector(name)));
            }
            return new Checked(Optional.of(new TaggerConfig(only(effective), issues)), found);
        } catch (ConfigException e) {
            found.add(e.getMessage());
            return new Checked(Optional.empty(), found);
        }
    }

    private Grammar grammar(Config reference) {
        return new Grammar(reference, collectors.keySet(), unknown, block);
    }

    private static Issue unknownCollector(String name) {
        return new Issue(
                Issue.Severity.WARNING,
                "tagger.collectors." + name,
                "there is no collector with this name; if a collector failed to load, solve that problem first");
    }

    /** Resolves references from the restricted block to other blocks, before these are cut off. */
    private Config substituted(Config layers) {
        if (block.isEmpty()) {
            return layers;
        }
        ConfigResolveOptions options = ConfigResolveOptions.defaults().setAllowUnresolved(true);
        Config resolved = ConfigBounds.resolved(layers.withFallback(reference()), options);
        return WrittenValues.of(layers.root(), resolved.root()).toConfig();
    }

    private Config restricted(Config config) {
        return block.map(name -> config.withOnlyPath(ROOT + "." + name)).orElse(config);
    }

    private Config reference() {
        if (documented == null) {
            documented = ConfigFactory.parseResources(loader(), "reference.conf");
        }
        return documented;
    }

    private Config layers(Config grammar) {
        return variables.all(grammar(grammar).all()).withFallback(given.root().toConfig());
    }

    private static Config only(Config config) {
        return config.hasPath(ROOT) ? config.getConfig(ROOT) : ConfigFactory.empty();
    }

    private Set<String> unknownCollectors(Config grammar, Config written) {
        Set<String> names = new TreeSet<>();
        if (unknown == StrictKeys.Unknown.COLLECTORS_FREE && written.hasPath("collectors")) {
            names.addAll(written.getObject("collectors").keySet());
            names.removeAll(grammar.getObject("collectors").keySet());
            names.removeAll(collectors.keySet());
        }
        return names;
    }

    private ConfigLayers parse(Supplier<Config> text) {
        try {
            given = ConfigBounds.checked(text).withFallback(given);
        } catch (ConfigException e) {
            problems.add(e.getMessage());
        }
        return this;
    }

    private static ClassLoader loader() {
        ClassLoader context = Thread.currentThread().getContextClassLoader();
        return context == null ? ConfigLayers.class.getClassLoader() : context;
    }
}
