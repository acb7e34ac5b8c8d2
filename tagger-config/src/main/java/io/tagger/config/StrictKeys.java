package io.tagger.config;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigOrigin;
import com.typesafe.config.ConfigUtil;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueType;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;

/**
 * Compares a configuration with the keys documented in the {@code reference.conf} files of the class path. An
 * undocumented key, or a value of another type, is a problem.
 *
 * <p>The references are the whole grammar: an empty object ({@code {}}) in a reference is a map with free keys, and a
 * value that reads as a duration makes the key a duration.
 */
final class StrictKeys {
    private static final String COLLECTORS = "tagger.collectors";

    /** The blocks of the agent's server and of the client, which an application may lack. */
    static final Set<String> OTHER_PARTS = Set.of("ipc", "client", "status", "log", "config");

    /** The distance of a typing error beyond doubt. */
    private static final int NEAR = 2;

    /** The treatment of blocks that no part in this process has documented. */
    enum Unknown {
        /** Each is an error. */
        REFUSED,
        /** The blocks of unknown collectors are left alone: a collector failed to load, and its name is unknown. */
        COLLECTORS_FREE,
        /** The blocks of parts of tagger outside of this process are left alone; the file is shared with an agent. */
        FOREIGN_FREE
    }

    private final ConfigObject reference;
    private final Set<String> collectors;
    private final Unknown unknown;
    private final List<String> problems = new ArrayList<>();
    private final Set<String> known = new TreeSet<>();

    private StrictKeys(ConfigObject reference, Set<String> collectors, Unknown unknown) {
        this.reference = reference;
        this.collectors = collectors;
        this.unknown = unknown;
        collectKnown("tagger", reference);
    }

    /**
     * Finds the problems of a configuration.
     *
     * @param reference the block {@code tagger} of all references together, resolved
     * @param collectors the names of collectors without a reference; their blocks are free
     * @param given the given block {@code tagger}, resolved
     * @param unknown the treatment of blocks without a part in this process
     * @return the problems, a sentence each
     */
    static List<String> check(ConfigObject reference, Set<String> collectors, ConfigObject given, Unknown unknown) {
        StrictKeys keys = new StrictKeys(reference, collectors, unknown);
        keys.object("tagger", keys.reference, given);
        return keys.problems;
    }

    private void object(String path, ConfigObject expected, ConfigObject given) {
        for (Map.Entry<String, ConfigValue> entry : new TreeMap<>(given).entrySet()) {
            String key = path + "." + ConfigUtil.joinPath(entry.getKey());
            ConfigValue reference = expected.get(entry.getKey());
            ConfigValue value = entry.getValue();
            boolean freeBlock = isFree(path, entry.getKey(), expected);
            if (reference == null && !freeBlock) {
                unknown(key, value);
            } else if (reference != null) {
                value(key, reference, value);
            }
        }
    }

    private boolean isFree(String path, String name, ConfigObject expected) {
        if (path.equals(COLLECTORS)) {
            return switch (unknown) {
                case REFUSED -> collectors.contains(name);
                case COLLECTORS_FREE -> true;
                case FOREIGN_FREE ->
                    collectors.contains(name)
                            || Distance.nearest(name, expected.keySet(), NEAR).isEmpty();
            };
        }
        return unknown == Unknown.FOREIGN_FREE && path.equals("tagger") && OTHER_PARTS.contains(name);
    }

    /** Names the settings themselves, not the surrounding block: the user meant the settings. */
    private void unknown(String key, ConfigValue value) {
        if (value instanceof ConfigObject block && !block.isEmpty()) {
            new TreeMap<>(block).forEach((name, inner) -> unknown(key + "." + ConfigUtil.joinPath(name), inner));
        } else {
            problems.add("unknown key " + key + at(value.origin())
                    + (ConfigBounds.isEnough(problems) ? "" : suggestion(key)));
        }
    }

    private void value(String key, ConfigValue expected, ConfigValue given) {
        if (expected instanceof ConfigObject object && given instanceof ConfigObject givenObject) {
            if (!object.isEmpty()) {
                object(key, object, givenObject);
            }
        } else if (!fits(expected, given)) {
            problems.add(
                    key + at(given.origin()) + " is " + given.valueType().name().toLowerCase(Locale.ROOT) + " "
                            + given.render() + ", and must be " + describe(expected));
        }
    }

    private static boolean fits(ConfigValue expected, ConfigValue given) {
        boolean scalar = given.valueType() == ConfigValueType.STRING
                || given.valueType() == ConfigValueType.NUMBER
                || given.valueType() == ConfigValueType.BOOLEAN;
        return switch (expected.valueType()) {
            case STRING -> scalar && (!isDuration(expected) || isDuration(given));
            case NUMBER ->
                given.valueType() == ConfigValueType.NUMBER
                        || given.valueType() == ConfigValueType.STRING && isNumber(given);
            case BOOLEAN -> scalar && isBoolean(given);
            default -> expected.valueType() == given.valueType();
        };
    }

    private static boolean isDuration(ConfigValue value) {
        // With a unit: a bare number would pass for milliseconds, and "0660" is no duration.
        return String.valueOf(value.unwrapped()).matches("\\s*[0-9.]+\\s*[a-zA-Z]+\\s*")
                && reads(value, config -> config.getDuration("v"));
    }

    private static boolean isNumber(ConfigValue value) {
        return reads(value, config -> config.getNumber("v"));
    }

    private static boolean isBoolean(ConfigValue value) {
        return reads(value, config -> config.getBoolean("v"));
    }

    private static boolean reads(ConfigValue value, Consumer<Config> reader) {
        try {
            reader.accept(value.atKey("v"));
            return true;
        } catch (ConfigException e) {
            return false;
        }
    }

    private static String describe(ConfigValue expected) {
        return switch (expected.valueType()) {
            case STRING -> isDuration(expected) ? "a duration such as " + expected.unwrapped() : "text";
            case NUMBER -> "a number such as " + expected.unwrapped();
            case BOOLEAN -> "true or false";
            case LIST -> "a list";
            case OBJECT -> "a block { ... }";
            case NULL -> "nothing";
        };
    }

    private void collectKnown(String path, ConfigObject object) {
        for (Map.Entry<String, ConfigValue> entry : object.entrySet()) {
            String key = path + "." + ConfigUtil.joinPath(entry.getKey());
            known.add(key);
            if (entry.getValue() instanceof ConfigObject block) {
                collectKnown(key, block);
            }
        }
        if (path.equals(COLLECTORS)) {
            collectors.forEach(name -> known.add(path + "." + name));
        }
    }

    /** The nearest known key, if near enough to be a typing error. */
    private String suggestion(String key) {
        return Distance.nearest(key, known, Math.max(3, key.length() / 3))
                .map(candidate -> "; did you mean " + candidate + "?")
                .orElse("; 'bin/tagger config' lists the keys there are");
    }

    static String at(ConfigOrigin origin) {
        String place = origin.filename() != null ? origin.filename() : origin.description();
        return " at "
                + (origin.lineNumber() > 0 && origin.filename() != null ? place + ":" + origin.lineNumber() : place);
    }
}
