package io.tagger.collectors.common;

import io.tagger.api.Provenance;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

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

    /** The parts of a variable's name that make the value a secret. */
    private static final Pattern SECRET = Pattern.compile("password|secret|token|key");

    private final String setting;
    private final List<Rule> rules;
    private final Map<String, List<Rule>> exact;
    private final List<Rule> globs;
    private final boolean refusesSecrets;

    /**
     * One rule.
     *
     * @param pattern the name or glob, as written
     * @param tags the templates, as written
     * @param glob the pattern for names in lower case; null for a name
     * @param templates the templates
     */
    record Rule(String pattern, String tags, @Nullable Pattern glob, List<String> templates) {
        /** The pattern in quotes. */
        String quoted() {
            return '"' + pattern + '"';
        }

        boolean matches(String key) {
            return glob != null && glob.matcher(key).matches();
        }
    }

    private MappingRules(String setting, List<Rule> rules, boolean refusesSecrets) {
        this.setting = setting;
        this.rules = List.copyOf(rules);
        this.refusesSecrets = refusesSecrets;
        globs = rules.stream().filter(rule -> rule.glob != null).toList();
        exact = rules.stream()
                .filter(rule -> rule.glob == null)
                .collect(Collectors.groupingBy(rule -> rule.pattern.toLowerCase(Locale.ROOT)));
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
        return new MappingRules(setting, read(setting, rules), false);
    }

    /**
     * Reads rules for environment variables, as {@link #of}. A glob does not apply to a variable whose name contains
     * {@code PASSWORD}, {@code SECRET}, {@code TOKEN} or {@code KEY}, in any case: the value is likely to be a secret, and
     * a tag goes to many places. A rule with the variable's full name applies.
     *
     * @param setting the name of the setting, for errors
     * @param rules names or globs to templates, or to further maps
     * @return the rules
     * @throws IllegalArgumentException as {@link #of}
     */
    public static MappingRules ofVariables(String setting, Map<String, ?> rules) {
        return new MappingRules(setting, read(setting, rules), true);
    }

    private static List<Rule> read(String setting, Map<String, ?> map) {
        List<Rule> rules = new ArrayList<>();
        flatten(setting, map).forEach((key, value) -> {
            String name = key.toLowerCase(Locale.ROOT);
            try {
                Pattern glob = name.contains("*") ? Glob.compile(name) : null;
                rules.add(new Rule(key, value, glob, templates(value)));
            } catch (IllegalArgumentException e) {
                throw new IllegalArgumentException(setting + ": " + e.getMessage(), e);
            }
        });
        return rules;
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
        return rules.isEmpty();
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
        return exact.containsKey(key) || !isSecret(key) && globs.stream().anyMatch(rule -> rule.matches(key));
    }

    /**
     * Adds the tags of one label, annotation or variable.
     *
     * @param kind the kind of the name, for an explanation: {@code label}, {@code annotation}, {@code variable}
     * @param name the original name
     * @param value the value
     * @param tags where the tags go
     */
    public void apply(String kind, String name, String value, TagListBuilder tags) {
        see(kind, name, tags);
        if (isEmpty()) {
            return;
        }
        String key = name.toLowerCase(Locale.ROOT);
        boolean isSecret = isSecret(key);
        exact.getOrDefault(key, List.of()).forEach(rule -> add(rule, kind, name, value, tags));
        for (Rule rule : globs) {
            if (!isSecret && rule.matches(key)) {
                add(rule, kind, name, value, tags);
            }
        }
    }

    /** Notes a name, if the origins of the tags are noted. */
    void see(String kind, String name, TagListBuilder tags) {
        tags.origins().ifPresent(origins -> origins.seen(new Provenance.Seen(kind, name, setting, refusal(name))));
    }

    private boolean isSecret(String key) {
        return refusesSecrets && SECRET.matcher(key).find();
    }

    /** Why no rule applies to a name that matches a rule; empty for any further name. */
    private String refusal(String name) {
        String key = name.toLowerCase(Locale.ROOT);
        return !isSecret(key) || exact.containsKey(key)
                ? ""
                : globs.stream()
                        .filter(rule -> rule.matches(key))
                        .findFirst()
                        .map(rule -> setting + " " + rule.quoted()
                                + " does not apply to names with PASSWORD, SECRET, TOKEN or KEY: set " + setting
                                + " { " + name + " = .. } if the value is no secret")
                        .orElse("");
    }

    /**
     * Notes all rules, if the origins of the tags are noted.
     *
     * @param kind the kind of names to which the rules apply
     * @param tags the tags of an entity
     */
    public void note(String kind, TagListBuilder tags) {
        tags.origins()
                .ifPresent(origins -> rules.forEach(
                        rule -> origins.rule(new Provenance.Rule(setting, kind, rule.pattern, rule.tags))));
    }

    private void add(Rule rule, String kind, String name, String value, TagListBuilder tags) {
        tags.from(kind, name).by(setting, rule);
        for (String template : rule.templates) {
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
}
