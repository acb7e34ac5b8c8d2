package io.tagger.agent.doctor;

import io.tagger.config.TaggerConfig;
import java.util.ArrayList;
import java.util.List;

/** Looks for names in the rules of the configuration that were hardly meant. */
final class RuleCheck {
    /** The parts that name a map from labels, annotations or variables to tags (docs/settings.md). */
    private static final String RULES = "-as-tags";

    private RuleCheck() {}

    /** The findings: one for each name that begins or ends with a space. */
    static List<Finding> check(TaggerConfig config) {
        List<Finding> findings = new ArrayList<>();
        config.settings().forEach((key, setting) -> {
            int rules = key.indexOf(RULES + ".");
            String name =
                    rules < 0 ? "" : key.substring(rules + RULES.length() + 1).replace("\"", "");
            if (!name.equals(name.strip())) {
                findings.add(Finding.note(
                        "rule " + key,
                        "the name \"" + name + "\" has a space at an end, and matches no name without it ("
                                + setting.origin() + ")",
                        "write \"" + name.strip() + "\""));
            }
        });
        return findings;
    }
}
