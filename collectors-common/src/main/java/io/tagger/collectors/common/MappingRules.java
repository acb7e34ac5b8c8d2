package io.tagger.collectors.common;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Rules from labels, annotations or environment variables to tags: the {@code *-as-tags} settings. Immutable and
 * thread-safe.
 *
 * <p>The key of a rule is a name, in any case; a key with a {@code *} is a glob. The value is a list of templates for
 * tag names, separated by commas. In a template {@code %%label%%}, {@code %%annotation%%} and {@code %%env%%} stand for
 * the original name, and any further {@code %%..%%} for the empty text. A leading {@code +} makes the tag high; the
 * resulting names {@code env}, {@code service} and {@code version} make a standard tag. Every matching rule applies.
 */
public final class MappingRules {
    private static final Pattern VARIABLE = Pattern.compile("%%.*?%%");
    private static final Set<String> NAME_VARIABLES = Set.of("%%label%%", "%%annotation%%", "%%env%%");
    private static final Set<String> STANDARD = Set.of("env", "service", "version");

    private final Map<String, List<String>> exact;
    private final Map<Pattern, List<String>> globs;

    private MappingRules(Map<String, List<String>> exact, Map<Pattern, List<String>> globs) {
        this.exact = exact;
        this.globs = globs;
    }

    /**
     * Reads rules from settings. A key with dots may have been written with or without quotes: HOCON makes blocks
     * inside blocks of the latter, which are put together again here.
     *
     * @param setting the name of the setting, for errors
     * @param rules names or globs to templates, or to further maps
     * @return the rules
     * @throws IllegalArgumentException if a pattern does not compile or a value is no text; the message names the key
     *     and the setting
     */
    public static MappingRules of(String setting, Map<String, ?> rules) {
        Map<String, List<String>> exact = new HashMap<>();
        Map<Pattern, List<String>> globs = new LinkedHashMap<>();
        flatten(setting, rules).forEach((key, value) -> {
            String name = key.toLowerCase(Locale.ROOT);
            if (name.contains("*")) {
                try {
                    globs.put(Glob.compile(name), templates(value));
                } catch (IllegalArgumentException e) {
                    throw new IllegalArgumentException(setting + ": " + e.getMessage(), e);
                }
            } else {
                exact.merge(name, templates(value), MappingRules::concat);
            }
        });
        return new MappingRules(Map.copyOf(exact), globs);
    }

    /**
     * Reads a setting with a map of texts, with quoted or unquoted keys.
     *
     * @param setting the name of the setting, for errors
     * @param map keys to texts, or to further maps
     * @return the keys, with dots between the parts, to the texts
     * @throws IllegalArgumentException if a value is neither; the message names the key and the setting
     */
    public static Map<String, String> flatten(String setting, Map<String, ?> map) {
        Map<String, String> flat = new LinkedHashMap<>();
        flatten(setting, "", map, flat);
        return flat;
    }

    private static void flatten(String setting, String prefix, Map<?, ?> map, Map<String, String> into) {
        map.forEach((key, value) -> {
            String path = prefix + key;
            if (value instanceof Map<?, ?> block) {
                flatten(setting, path + ".", block, into);
            } else if (value instanceof String || value instanceof Number || value instanceof Boolean) {
                into.put(path, value.toString());
            } else {
                throw new IllegalArgumentException(
                        setting + ": the value of '" + path + "' must be text, not " + value);
            }
        });
    }

    /**
     * Whether there is no rule.
     *
     * @return true if no name can match
     */
    public boolean isEmpty() {
        return exact.isEmpty() && globs.isEmpty();
    }

    /**
     * Whether a rule applies to a name.
     *
     * @param name of a label, an annotation or a variable, in any case
     * @return false if {@link #apply} ignores the name, whatever the value
     */
    public boolean matches(String name) {
        if (isEmpty()) {
            return false;
        }
        String key = name.toLowerCase(Locale.ROOT);
        return exact.containsKey(key)
                || globs.keySet().stream().anyMatch(glob -> glob.matcher(key).matches());
    }

    /**
     * Adds the tags of one label, annotation or variable.
     *
     * @param name the original name
     * @param value the value
     * @param tags where the tags go
     */
    public void apply(String name, String value, TagListBuilder tags) {
        if (isEmpty()) {
            return;
        }
        String key = name.toLowerCase(Locale.ROOT);
        add(exact.getOrDefault(key, List.of()), name, value, tags);
        globs.forEach((glob, templates) -> {
            if (glob.matcher(key).matches()) {
                add(templates, name, value, tags);
            }
        });
    }

    private static void add(List<String> templates, String name, String value, TagListBuilder tags) {
        for (String template : templates) {
            String tag = resolve(template, name);
            if (STANDARD.contains(tag)) {
                tags.standard(tag, value);
            } else {
                tags.auto(tag, value);
            }
        }
    }

    private static String resolve(String template, String name) {
        return VARIABLE.matcher(template)
                .replaceAll(found -> NAME_VARIABLES.contains(found.group()) ? Matcher.quoteReplacement(name) : "");
    }

    private static List<String> templates(String value) {
        List<String> templates = new ArrayList<>();
        for (String template : value.split(",")) {
            templates.add(template.strip());
        }
        return templates;
    }

    private static List<String> concat(List<String> some, List<String> more) {
        List<String> all = new ArrayList<>(some);
        all.addAll(more);
        return all;
    }
}
