package io.tagger.config;

import com.typesafe.config.ConfigList;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigUtil;
import com.typesafe.config.ConfigValue;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Finds substitutions inside quotes, which HOCON takes as plain text: {@code "unix://${X}"}. */
final class QuotedSubstitutions {
    private static final Pattern SUBSTITUTION = Pattern.compile("\\$\\{\\??[^}\"]*}");

    private QuotedSubstitutions() {}

    /**
     * Finds the settings with such a text.
     *
     * @param written the block {@code tagger} as written in the layers, resolved
     * @return the problems, a sentence each
     */
    static List<String> find(ConfigObject written) {
        List<String> problems = new ArrayList<>();
        search("tagger", written, problems);
        return problems;
    }

    private static void search(String key, ConfigValue value, List<String> problems) {
        if (value instanceof ConfigObject object) {
            new TreeMap<>(object)
                    .forEach((name, inner) -> search(key + "." + ConfigUtil.joinPath(name), inner, problems));
        } else if (value instanceof ConfigList list) {
            list.forEach(item -> search(key, item, problems));
        } else if (value.unwrapped() instanceof String text) {
            Matcher substitution = SUBSTITUTION.matcher(text);
            if (substitution.find()) {
                problems.add(key + StrictKeys.at(value.origin()) + " is \"" + text + "\": " + substitution.group()
                        + " stays as it is inside quotes; end the quotes before it, as in \"unix://\"${X}");
            }
        }
    }
}
