package io.tagger.config;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigList;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigOrigin;
import com.typesafe.config.ConfigRenderOptions;
import com.typesafe.config.ConfigUtil;
import com.typesafe.config.ConfigValue;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The bounds of a text of configuration, checked before its substitutions are resolved: a few lines that double each
 * other would fill the heap.
 */
public final class ConfigBounds {
    /** Characters with all substitutions in place. */
    private static final long MAX_CHARACTERS = 2_000_000;

    /** Blocks within blocks; the settings need six. */
    private static final int MAX_DEPTH = 100;

    /** Problems that are shown; with more, something else is wrong than single settings. */
    private static final int MAX_PROBLEMS = 100;

    private static final Pattern REFERENCE = Pattern.compile("\\$\\{\\??([^}]*)\\}");

    private final ConfigObject root;
    private final Map<List<String>, Long> sizes = new HashMap<>(); // of referenced values, by path

    private ConfigBounds(ConfigObject root) {
        this.root = root;
    }

    /**
     * Reads a text within the bounds.
     *
     * @param parser parses the text, without resolving substitutions
     * @return the parsed text
     * @throws ConfigException if the text can't be parsed, its blocks are nested too deeply, or it is too large with
     *     all substitutions in place
     */
    public static Config checked(Supplier<Config> parser) {
        try {
            Config config = parser.get();
            ConfigObject root = config.root();
            checkDepth(root, 1);
            long size = new ConfigBounds(root).size(root);
            if (size > MAX_CHARACTERS) {
                throw new ConfigException.Generic(place(root.origin()) + ": the configuration has more than "
                        + MAX_CHARACTERS + " characters with all substitutions in place");
            }
            return config;
        } catch (StackOverflowError e) {
            throw new ConfigException.Generic("the configuration has blocks that are nested too deeply: at most "
                    + MAX_DEPTH + " levels are read");
        }
    }

    /** The first problems of many. */
    static List<String> first(List<String> problems) {
        if (problems.size() <= MAX_PROBLEMS) {
            return problems;
        }
        List<String> first = new ArrayList<>(problems.subList(0, MAX_PROBLEMS));
        first.add("and " + (problems.size() - MAX_PROBLEMS) + " more problems");
        return first;
    }

    /** Whether so many problems were found that further help with single settings is of no use. */
    static boolean isEnough(List<String> problems) {
        return problems.size() >= MAX_PROBLEMS;
    }

    private static void checkDepth(ConfigValue value, int depth) {
        if (depth > MAX_DEPTH) {
            throw new ConfigException.Generic(place(value.origin()) + ": the blocks are nested too deeply: at most "
                    + MAX_DEPTH + " levels are read");
        }
        for (ConfigValue child : children(value)) {
            checkDepth(child, depth + 1);
        }
    }

    private static Iterable<ConfigValue> children(ConfigValue value) {
        try {
            return value instanceof ConfigObject object
                    ? object.values()
                    : value instanceof ConfigList list ? list : List.of();
        } catch (ConfigException.NotResolved e) {
            return List.of(); // a combination with a substitution; the text of the combination counts
        }
    }

    /** The characters of a value with all substitutions in place, at most. */
    private long size(ConfigValue value) {
        long size = 0;
        boolean isLeaf = true;
        for (ConfigValue child : children(value)) {
            size = Math.min(MAX_CHARACTERS + 1, size + size(child) + 1);
            isLeaf = false;
        }
        if (!isLeaf) {
            return size;
        }
        String text = value.render(ConfigRenderOptions.concise());
        size = text.length();
        for (Matcher reference = REFERENCE.matcher(text); reference.find() && size <= MAX_CHARACTERS; ) {
            size += sizeOf(reference.group(1));
        }
        return size;
    }

    private long sizeOf(String reference) {
        List<String> path;
        try {
            path = ConfigUtil.splitPath(reference);
        } catch (ConfigException e) {
            return 0; // the resolution reports the fault
        }
        Long known = sizes.get(path);
        if (known != null) {
            return known;
        }
        sizes.put(path, 0L); // a cycle is reported by the resolution
        ConfigValue at = root;
        for (String name : path) {
            ConfigValue next;
            try {
                next = at instanceof ConfigObject object ? object.get(name) : at;
            } catch (ConfigException.NotResolved e) {
                break; // somewhere in a combination: all of it is an upper bound
            }
            if (next == null) {
                return 0; // in another layer, or in the environment
            }
            at = next;
        }
        long size = size(at);
        sizes.put(path, size);
        return size;
    }

    private static String place(ConfigOrigin origin) {
        return origin.description();
    }
}
