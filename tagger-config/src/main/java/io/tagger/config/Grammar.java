package io.tagger.config;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigObject;
import io.tagger.api.Issue;
import java.net.URL;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The keys that the parts in this process have documented.
 *
 * @param reference the block {@code tagger} of all references together, resolved
 * @param collectors the names of the declared collectors
 * @param unknown the treatment of blocks without a part in this process
 * @param block the only block of interest; empty for all
 */
record Grammar(Config reference, Set<String> collectors, StrictKeys.Unknown unknown, Optional<String> block) {
    /** The references with the blocks documented by plugins, each file tried separately. */
    static Config withPlugins(Config reference, Map<String, List<URL>> collectors, List<Issue> issues) {
        Config all = reference;
        for (Map.Entry<String, List<URL>> plugin : collectors.entrySet()) {
            String path = ConfigLayers.ROOT + ".collectors." + plugin.getKey();
            for (URL file : plugin.getValue()) {
                try {
                    Config more = all.withFallback(ConfigFactory.parseURL(file).withOnlyPath(path));
                    ConfigBounds.resolved(more);
                    all = more;
                } catch (ConfigException e) {
                    issues.add(new Issue(
                            Issue.Severity.ERROR,
                            file.toString(),
                            "the defaults of collector '" + plugin.getKey() + "' in this file are not used: "
                                    + e.getMessage()));
                }
            }
        }
        return all;
    }

    /** The keys that an environment variable may set. */
    List<String> all() {
        List<String> keys = new ArrayList<>(ProcessVariables.leaves(reference.root()));
        collectors.forEach(name -> keys.add("collectors." + name + ".enabled"));
        return keys;
    }

    /** Whether a variable belongs to a part of tagger outside of this process, or to a collector that failed to load. */
    boolean isForeign(String variable) {
        if (variable.startsWith(ProcessVariables.variable("collectors."))) {
            return unknown != StrictKeys.Unknown.REFUSED
                    && reference.getObject("collectors").keySet().stream()
                            .noneMatch(name -> isIn(variable, "collectors." + name));
        }
        return block.isPresent()
                ? !isIn(variable, block.get())
                : unknown == StrictKeys.Unknown.FOREIGN_FREE
                        && StrictKeys.OTHER_PARTS.stream()
                                .anyMatch(part -> !reference.hasPath(part) && isIn(variable, part));
    }

    private static boolean isIn(String variable, String block) {
        return variable.startsWith(ProcessVariables.variable(block + "."));
    }

    /** The paths of the settings whose keys are free. */
    List<List<String>> maps() {
        return maps(List.of(ConfigLayers.ROOT), reference.root());
    }

    private static List<List<String>> maps(List<String> path, ConfigObject grammar) {
        if (grammar.isEmpty()) {
            return List.of(path);
        }
        List<List<String>> maps = new ArrayList<>();
        grammar.forEach((key, value) -> {
            if (value instanceof ConfigObject inner) {
                List<String> below = new ArrayList<>(path);
                below.add(key);
                maps.addAll(maps(below, inner));
            }
        });
        return maps;
    }
}
