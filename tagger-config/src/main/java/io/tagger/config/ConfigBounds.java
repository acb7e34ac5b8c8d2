package io.tagger.config;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigList;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigOrigin;
import com.typesafe.config.ConfigRenderOptions;
import com.typesafe.config.ConfigResolveOptions;
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

    /** Values and characters that are looked at, some tenths of a second. */
    private static final long MAX_WORK = 50_000_000;

    /** Assignments of one value that build on each other; the parser's time grows with the cube of the number. */
    private static final int MAX_ASSIGNMENTS = 50;

    /** Blocks within blocks; the settings need six. */
    private static final int MAX_DEPTH = 100;

    /** Problems that are shown; with more, something else is wrong than single settings. */
    private static final int MAX_PROBLEMS = 100;

    private static final Pattern REFERENCE = Pattern.compile("\\$\\{\\??([^}]*)\\}");

    private final ConfigObject root;
    private final Map<List<String>, Long> sizes = new HashMap<>(); // by path
    private final Map<List<String>, Long> begun =
            new HashMap<>(); // sizes so far of the values under measurement, by path
    private int selfReferences;
    private long work; // values and characters looked at

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
            long size = new ConfigBounds(root).sizeAt(List.of(), root);
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

    /**
     * Resolves the substitutions of a text.
     *
     * @param config the text
     * @param options the options
     * @return the text with all substitutions in place
     * @throws ConfigException if a substitution can't be resolved, or depends on too many others in a row
     */
    public static Config resolved(Config config, ConfigResolveOptions options) {
        try {
            return config.resolve(options);
        } catch (StackOverflowError e) {
            throw new ConfigException.Generic(place(config.origin())
                    + ": too many values in a row depend on each other, or are appended to one list");
        }
    }

    static Config resolved(Config config) {
        return resolved(config, ConfigResolveOptions.defaults());
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

    /** The characters of the value at a path with all substitutions in place, at most. */
    private long sizeAt(List<String> path, ConfigValue value) {
        Long known = sizes.get(path);
        if (known != null) {
            return known;
        }
        Long before = begun.putIfAbsent(path, 0L);
        if (before != null) {
            selfReferences++;
            return before; // a reference to the value itself means the value so far
        }
        int others = selfReferences;
        long size = size(path, value);
        begun.remove(path);
        if (selfReferences == others) {
            sizes.put(path, size); // otherwise the size depends on the place of the reference
        }
        return size;
    }

    private long size(List<String> path, ConfigValue value) {
        work(1);
        try {
            if (value instanceof ConfigObject object) {
                long size = 1;
                for (Map.Entry<String, ConfigValue> child : object.entrySet()) {
                    List<String> below = new ArrayList<>(path);
                    below.add(child.getKey());
                    size = sum(size, child.getKey().length() + sizeAt(below, child.getValue()));
                }
                return size;
            }
            if (value instanceof ConfigList list) {
                long size = 1;
                for (ConfigValue child : list) {
                    size = sum(size, size(path, child));
                }
                return size;
            }
        } catch (ConfigException.NotResolved e) {
            // A combination with a substitution; the text of the combination counts.
        }
        return size(path, value.render(ConfigRenderOptions.concise()));
    }

    /** The size of a combination, from its text: assignments of one path, from the first to the last. */
    private long size(List<String> path, String text) {
        work(text.length());
        long size = 0;
        List<String> assignments = assignments(text);
        if (assignments.size() > MAX_ASSIGNMENTS) {
            throw new ConfigException.Generic(place(root.origin()) + ": " + String.join(".", path) + " is extended "
                    + assignments.size() + " times: at most " + MAX_ASSIGNMENTS + " are read; write the value at once");
        }
        for (String assignment : assignments) {
            int others = selfReferences;
            long next = assignment.length();
            for (Matcher reference = REFERENCE.matcher(assignment); reference.find(); ) {
                next = sum(next, sizeOf(reference.group(1)));
            }
            size = selfReferences > others ? Math.max(size, next) : sum(size, next);
            begun.replace(path, size);
        }
        return size;
    }

    /** Splits the text of a combination at the commas outside of strings, lists and blocks. */
    private static List<String> assignments(String text) {
        List<String> assignments = new ArrayList<>();
        int depth = 0;
        boolean isString = false;
        int begin = 0;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (isString && c == '\\') {
                i++;
            } else if (c == '"') {
                isString = !isString;
            } else if (!isString) {
                depth += c == '{' || c == '[' ? 1 : c == '}' || c == ']' ? -1 : 0;
                if (c == ',' && depth == 0) {
                    assignments.add(text.substring(begin, i));
                    begin = i + 1;
                }
            }
        }
        assignments.add(text.substring(begin));
        return assignments;
    }

    private long sizeOf(String reference) {
        List<String> names;
        try {
            names = ConfigUtil.splitPath(reference);
        } catch (ConfigException e) {
            return 0; // the resolution reports the fault
        }
        List<String> path = new ArrayList<>();
        ConfigValue at = root;
        for (String name : names) {
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
            path.add(name);
        }
        return sizeAt(path, at);
    }

    private static long sum(long size, long more) {
        return Math.min(MAX_CHARACTERS + 1, size + more);
    }

    private void work(long amount) {
        work += amount;
        if (work > MAX_WORK) {
            throw new ConfigException.Generic(
                    place(root.origin()) + ": the configuration has too many substitutions within substitutions");
        }
    }

    private static String place(ConfigOrigin origin) {
        return origin.description();
    }
}
