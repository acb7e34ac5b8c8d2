package io.tagger.collectors.containerd;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigValueFactory;
import io.tagger.collectors.common.ContainerExclusion;
import io.tagger.collectors.common.ContainerRules;
import io.tagger.collectors.common.MappingRules;
import io.tagger.collectors.common.SettingProblems;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.function.BiFunction;

/**
 * The block {@code tagger.collectors.containerd}, read and checked.
 *
 * @param socket the path of the socket; empty for the default
 * @param requestTimeout the time within which containerd must have answered a request
 * @param relistInterval the time between two comparisons with containerd's lists
 */
record ContainerdSettings(
        String socket,
        Namespaces namespaces,
        Duration requestTimeout,
        Duration relistInterval,
        ContainerRules rules,
        Map<String, String> separators) {

    private static final String BLOCK = "tagger.collectors.containerd.";

    /**
     * The choice of namespaces.
     *
     * @param included the namespaces to tag; empty for all
     * @param excluded the namespaces to leave out
     */
    record Namespaces(Set<String> included, Set<String> excluded) {
        boolean contain(String namespace) {
            return (included.isEmpty() || included.contains(namespace)) && !excluded.contains(namespace);
        }
    }

    /**
     * Reads the block.
     *
     * @throws IllegalArgumentException if a value is missing, of the wrong type or out of bounds, or a pattern does not
     *     compile
     */
    static ContainerdSettings of(Map<String, Object> settings) {
        try {
            return read(ConfigValueFactory.fromMap(settings).toConfig());
        } catch (ConfigException e) {
            throw new IllegalArgumentException("tagger.collectors.containerd: " + e.getMessage(), e);
        }
    }

    private static ContainerdSettings read(Config config) {
        SettingProblems problems = new SettingProblems();
        ContainerdSettings settings = new ContainerdSettings(
                config.getString("socket"),
                new Namespaces(
                        Set.copyOf(config.getStringList("namespaces")),
                        Set.copyOf(config.getStringList("exclude-namespaces"))),
                positive(config, "request-timeout", problems),
                positive(config, "relist-interval", problems),
                new ContainerRules(
                        rules(config, "labels-as-tags", problems, MappingRules::of),
                        rules(config, "env-as-tags", problems, MappingRules::ofVariables),
                        ContainerExclusion.of(config.getStringList("exclude"), problems)),
                problems.read(
                        () -> MappingRules.flatten(
                                "tagger.tag-value-split-separator",
                                config.getObject("tag-value-split-separator").unwrapped()),
                        Map.of()));
        problems.throwIfAny();
        return settings;
    }

    private static MappingRules rules(
            Config config,
            String key,
            SettingProblems problems,
            BiFunction<String, Map<String, ?>, MappingRules> reader) {
        String setting = "tagger.container." + key;
        return problems.read(
                () -> reader.apply(setting, config.getObject(key).unwrapped()), MappingRules.of(setting, Map.of()));
    }

    private static Duration positive(Config config, String key, SettingProblems problems) {
        Duration duration = config.getDuration(key);
        if (duration.isZero() || duration.isNegative()) {
            problems.add(BLOCK + key + " is '" + duration + "', and must be longer than nothing");
        }
        return duration;
    }
}
