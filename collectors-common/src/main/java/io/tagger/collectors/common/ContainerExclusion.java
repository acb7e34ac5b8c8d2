package io.tagger.collectors.common;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The rules that leave containers out: {@code tagger.container.exclude}. A rule is {@code image:GLOB}, {@code name:GLOB},
 * {@code namespace:GLOB}, {@code label:NAME} or {@code label:NAME=GLOB}. Immutable and thread-safe.
 */
public final class ContainerExclusion {
    /** No container is left out. */
    public static final ContainerExclusion NONE = new ContainerExclusion(List.of());

    private static final String SETTING = "tagger.container.exclude";
    private static final String FORMS = "image:GLOB, name:GLOB, namespace:GLOB, label:NAME or label:NAME=GLOB";

    private final List<Rule> rules;

    private enum Field {
        IMAGE,
        NAME,
        NAMESPACE,
        LABEL
    }

    /**
     * One rule.
     *
     * @param text the rule as written
     * @param label the name of the label; empty for a rule about another field
     * @param glob the glob for the value
     */
    private record Rule(String text, Field field, String label, Pattern glob) {
        boolean matches(Facts facts) {
            return switch (field) {
                case IMAGE -> matches(facts.image);
                case NAME -> facts.names.stream().anyMatch(this::matches);
                case NAMESPACE -> matches(facts.namespace);
                case LABEL -> facts.labels.containsKey(label) && matches(facts.labels.get(label));
            };
        }

        private boolean matches(String value) {
            return glob.matcher(value).matches();
        }
    }

    /**
     * The facts about a container on which the rules depend.
     *
     * @param image the image, as the container was started from
     * @param names the names: the runtime's, and that in the pod
     * @param labels the labels of the container, or of the pod
     * @param namespace the namespace of Kubernetes; empty for none
     */
    public record Facts(String image, List<String> names, Map<String, String> labels, String namespace) {
        private static final String POD_NAMESPACE = "io.kubernetes.pod.namespace";
        private static final String POD_CONTAINER = "io.kubernetes.container.name";

        /**
         * The facts about a container of a runtime, which has the namespace and the name in the pod as labels.
         *
         * @param image the image
         * @param name the runtime's name; empty for none
         * @param labels the labels
         * @return the facts
         */
        public static Facts ofRuntime(String image, String name, Map<String, String> labels) {
            return new Facts(
                    image,
                    List.of(name, labels.getOrDefault(POD_CONTAINER, "")),
                    labels,
                    labels.getOrDefault(POD_NAMESPACE, ""));
        }
    }

    private ContainerExclusion(List<Rule> rules) {
        this.rules = List.copyOf(rules);
    }

    /**
     * Reads the rules.
     *
     * @param texts the rules as written
     * @return the rules
     * @throws IllegalArgumentException if a rule has no such form, or a glob does not compile; the message names the rule
     *     and the setting
     */
    public static ContainerExclusion of(List<String> texts) {
        List<Rule> rules = new ArrayList<>();
        for (String text : texts) {
            rules.add(rule(text));
        }
        return new ContainerExclusion(rules);
    }

    /**
     * Reads the rules among further settings.
     *
     * @param texts the rules as written
     * @param problems receives the problem of a wrong rule
     * @return the rules; none after a problem
     */
    public static ContainerExclusion of(List<String> texts, SettingProblems problems) {
        return problems.read(() -> of(texts), NONE);
    }

    private static Rule rule(String text) {
        int colon = text.indexOf(':');
        String value = text.substring(colon + 1).strip();
        Field field =
                switch (text.substring(0, Math.max(0, colon)).strip()) {
                    case "image" -> Field.IMAGE;
                    case "name" -> Field.NAME;
                    case "namespace" -> Field.NAMESPACE;
                    case "label" -> Field.LABEL;
                    default -> throw wrong(text, "must be " + FORMS);
                };
        if (value.isEmpty()) {
            throw wrong(text, "has nothing behind the colon: a rule is " + FORMS);
        }
        int equals = value.indexOf('=');
        String label = field != Field.LABEL ? "" : equals < 0 ? value : value.substring(0, equals);
        String glob = field != Field.LABEL ? value : equals < 0 ? "*" : value.substring(equals + 1);
        try {
            return new Rule(text, field, label, Glob.compile(glob));
        } catch (IllegalArgumentException e) {
            throw wrong(text, "has a wrong glob: " + e.getMessage());
        }
    }

    private static IllegalArgumentException wrong(String rule, String why) {
        return new IllegalArgumentException(SETTING + ": the rule '" + rule + "' " + why);
    }

    /**
     * The rule that leaves a container out.
     *
     * @param facts the container
     * @return the first such rule, with its setting; empty for a container that stays
     */
    public Optional<String> ruleFor(Facts facts) {
        for (Rule rule : rules) {
            if (rule.matches(facts)) {
                return Optional.of(SETTING + " \"" + rule.text + '"');
            }
        }
        return Optional.empty();
    }

    /**
     * The sentence of an explanation.
     *
     * @param rule the rule, from {@link #ruleFor}
     * @return that the container is left out by the rule
     */
    public static String note(String rule) {
        return "the container is left out by " + rule;
    }
}
