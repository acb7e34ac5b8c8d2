package io.tagger.runtime;

import io.tagger.api.Issue;
import io.tagger.api.collector.Collector;
import io.tagger.config.CollectorUse;
import io.tagger.config.ConfigLayers;
import io.tagger.config.InvalidConfigurationException;
import io.tagger.config.TaggerConfig;
import io.tagger.runtime.collect.HostSettings;
import io.tagger.runtime.collect.HostedUse;
import io.tagger.runtime.plugin.CollectorDiscovery;
import io.tagger.runtime.plugin.CollectorPlugin;
import io.tagger.store.NameRules;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The collectors and the configuration of a tagger before its start: finds collectors, loads the configuration, and
 * checks both. Not thread-safe.
 *
 * <p>Add the collectors first: the plugins decide the valid keys of the configuration.
 */
public final class TaggerSetup {
    private static final int MAX_STRIPES = 65_536;

    private static final Pattern KEY = Pattern.compile("\\btagger\\.[A-Za-z0-9_.\"-]*[A-Za-z0-9_\"]");

    private final CollectorDiscovery discovery = new CollectorDiscovery();
    private final List<Consumer<TaggerConfig>> checks = new ArrayList<>();

    /** Makes a setup without collectors. */
    public TaggerSetup() {}

    /**
     * Uses the plugins of an earlier setup again, as far as the files of their folders are the same. Before any folder is
     * added.
     *
     * @param earlier the setup of a running tagger
     * @return this
     */
    public TaggerSetup reusing(TaggerSetup earlier) {
        discovery.reusing(earlier.discovery);
        return this;
    }

    /**
     * Adds a collector.
     *
     * @param factory makes a new instance at every call
     * @return this
     */
    public TaggerSetup collector(Supplier<? extends Collector> factory) {
        discovery.collector(factory);
        return this;
    }

    /**
     * Adds the collectors registered on a class path.
     *
     * @param loader the class loader to search
     * @return this
     */
    public TaggerSetup classPath(ClassLoader loader) {
        discovery.classPath(loader);
        return this;
    }

    /**
     * Adds the collectors of plugin folders. Each folder holds the jars of one plugin, and is isolated from the other
     * folders; a plugin sees only tagger-api and slf4j-api of this program.
     *
     * @param parent the folder of the plugin folders
     * @return this
     */
    public TaggerSetup plugins(Path parent) {
        discovery.folders(parent);
        return this;
    }

    /**
     * Reads {@code tagger.plugins.allow-writable}, before any plugin folder is opened.
     *
     * @param layers the layers of the configuration
     * @return this
     */
    public TaggerSetup trust(ConfigLayers layers) {
        discovery.allowWritable(allowsWritable(layers));
        return this;
    }

    /**
     * Reads {@code tagger.plugins.allow-writable}.
     *
     * @param layers the layers of the configuration
     * @return the setting; false for a wrong setting, which the check of the configuration reports
     */
    public static boolean allowsWritable(ConfigLayers layers) {
        try {
            return layers.peek("plugins.allow-writable").filter("true"::equals).isPresent();
        } catch (InvalidConfigurationException e) {
            return false;
        }
    }

    /**
     * The name of this machine, as in entities of the kind {@code host}.
     *
     * @param config the configuration
     * @return {@code tagger.hostname}, or else the system's name
     */
    public static String hostName(TaggerConfig config) {
        return HostName.of(config);
    }

    /**
     * The usable collectors found so far.
     *
     * @return the collectors, in the order of discovery
     */
    public List<CollectorPlugin> found() {
        return discovery.plugins();
    }

    /**
     * The problems of collectors found so far.
     *
     * @return the issues
     */
    public List<Issue> issues() {
        return discovery.issues();
    }

    /**
     * Loads a configuration: adds the collectors of the folders in {@code tagger.plugin-path}, checks the keys against
     * all collectors, and the values as {@link #problems} does.
     *
     * @param layers the layers of the configuration; the method declares the collectors to the layers
     * @return the configuration
     * @throws InvalidConfigurationException with every problem found
     */
    public TaggerConfig configure(ConfigLayers layers) {
        trust(layers);
        layers.pluginPath().forEach(discovery::folders);
        discovery.forgetEarlier();
        discovery.plugins().forEach(plugin -> layers.collector(plugin.name(), plugin.references()));
        if (discovery.hasIssues()) {
            layers.anyCollector();
        }
        ConfigLayers.Checked checked = layers.check();
        List<String> problems = new ArrayList<>(checked.problems());
        checked.config().ifPresent(config -> addNew(problems(config), problems));
        if (!problems.isEmpty()) {
            throw new InvalidConfigurationException(problems);
        }
        return checked.config().orElseThrow();
    }

    /**
     * Adds a check of the program's own settings to {@link #problems}.
     *
     * @param check throws an {@link IllegalArgumentException} or an {@link InvalidConfigurationException} for a problem
     * @return this
     */
    public TaggerSetup check(Consumer<TaggerConfig> check) {
        checks.add(check);
        return this;
    }

    /** Adds the problems with settings that have no problem yet. */
    private static void addNew(List<String> more, List<String> problems) {
        for (String problem : more) {
            String key = key(problem);
            if (key.isEmpty()
                    ? !problems.contains(problem)
                    : problems.stream().noneMatch(one -> key.equals(key(one)))) {
                problems.add(problem);
            }
        }
    }

    private static String key(String problem) {
        Matcher key = KEY.matcher(problem);
        return key.find() ? key.group() : "";
    }

    /**
     * Checks a configuration beyond keys and types: the bounds of the runtime's settings, and the settings of each
     * collector in use.
     *
     * @param config the configuration
     * @return the problems, a sentence each
     */
    public List<String> problems(TaggerConfig config) {
        List<Runnable> checks = new ArrayList<>(List.of(
                () -> hostSettings(config),
                () -> stripes(config),
                () -> config.duration("store.prune-interval"),
                () -> config.durationUpTo("lookup.fetch-deadline", "lookup.deadline"),
                () -> config.flag("lookup.ask-for-subscribers"),
                () -> config.flag("plugins.allow-writable"),
                () -> config.durationOrZero("store.deletion-grace"),
                () -> nameRules(config),
                () -> config.choice("mode", Set.of("auto", LocalTaggerProvider.MODE, "client"))));
        for (CollectorPlugin plugin : discovery.plugins()) {
            checks.add(() -> config.use(plugin.name()));
            checks.add(() -> {
                if (!isOff(plugin, config)) {
                    plugin.check(config.collector(plugin.name()));
                }
            });
        }
        this.checks.forEach(check -> checks.add(() -> check.accept(config)));
        List<String> problems = new ArrayList<>();
        checks.forEach(check -> addNew(collect(check, config), problems));
        return problems;
    }

    private static boolean isOff(CollectorPlugin plugin, TaggerConfig config) {
        try {
            return config.use(plugin.name()) == CollectorUse.OFF;
        } catch (IllegalArgumentException | InvalidConfigurationException e) {
            return false; // the check of 'enabled' reports the problem, and the other settings may have more
        }
    }

    private static List<String> collect(Runnable check, TaggerConfig config) {
        try {
            check.run();
            return List.of();
        } catch (InvalidConfigurationException e) {
            return e.problems().stream().map(config::located).toList();
        } catch (IllegalArgumentException e) {
            return String.valueOf(e.getMessage()).lines().map(config::located).toList();
        }
    }

    /** The usable collectors with their settings. */
    List<HostedUse> uses(TaggerConfig config) {
        return found().stream()
                .map(plugin -> new HostedUse(plugin, config.collector(plugin.name()), config.use(plugin.name())))
                .toList();
    }

    /** The rules for the names of served tags, equal for equal settings. */
    static NameRules nameRules(TaggerConfig config) {
        List<String> dropped = config.list("tag-names.drop");
        Map<String, String> renamed = config.texts("tag-names.rename");
        dropped.forEach(name -> requireName("drop", name));
        renamed.forEach((name, other) -> {
            requireName("rename", name);
            requireName("rename", other);
        });
        return dropped.isEmpty() && renamed.isEmpty()
                ? NameRules.NONE
                : new NameRules(new DroppedNames(dropped), renamed);
    }

    private static void requireName(String setting, String name) {
        if (name.isBlank() || name.contains(":")) {
            throw new IllegalArgumentException("tagger.tag-names." + setting + " has '" + name
                    + "', and must have names of tags, which are not empty and have no colon");
        }
    }

    static int stripes(TaggerConfig config) {
        return config.number("store.stripes", 1, MAX_STRIPES);
    }

    static HostSettings hostSettings(TaggerConfig config) {
        return new HostSettings(
                new HostSettings.Deadlines(
                        config.duration("collect.detect-deadline"),
                        config.duration("collect.pull-deadline"),
                        config.duration("lookup.fetch-deadline"),
                        config.duration("lookup.deadline"),
                        config.duration("collect.ready-timeout"),
                        config.duration("collect.detect-again")),
                config.backoff("collect"),
                new HostSettings.Memory(
                        config.duration("lookup.remember-not-found"),
                        config.duration("lookup.ask-again-incomplete"),
                        config.number("lookup.max-remembered", 100, 10_000_000),
                        config.number("lookup.max-remembered-bytes", 100_000, Integer.MAX_VALUE)),
                new HostSettings.Callers(
                        config.number("lookup.caller-rate", 1, 1_000_000),
                        config.number("lookup.caller-burst", 1, 1_000_000)),
                new HostSettings.Limits(
                        config.number("collect.max-entities", 100, 100_000_000),
                        config.number("collect.max-tags", 1, 1_000_000),
                        config.number("collect.max-tag-bytes", 1_000, 100_000_000),
                        config.number("collect.max-threads", 10, 100_000),
                        config.number("lookup.fetch-threads", 1, 1_000)));
    }
}
