package io.tagger.collectors.kubernetes;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The environment of a container as the kubelet makes it: {@code $(NAME)} stands for an earlier variable of the same
 * container, {@code $$} for {@code $}, and a name that stands twice has its last value. TAGS.md, section 4.
 *
 * <p>A value from a secret, a config map or a resource is not in the pod: the variable is unknown, and so is a variable
 * that refers to it.
 */
final class PodEnvironment {
    private static final Pattern REFERENCE = Pattern.compile("\\$(?:\\$|\\(([^()]*)\\))");
    private static final Pattern KEYED = Pattern.compile("metadata\\.(labels|annotations)\\['(.+)']");

    private final Pod pod;
    private final Map<String, String> known = new HashMap<>();
    private final Set<String> unknown = new HashSet<>();

    private PodEnvironment(Pod pod) {
        this.pod = pod;
    }

    /**
     * The variables of a container with their values.
     *
     * @param wanted selects variables by name
     * @return the wanted variables with a known value, in the order of the container
     */
    static List<Pod.Variable> of(Pod pod, Pod.Container container, Predicate<String> wanted) {
        if (container.env().stream().noneMatch(variable -> wanted.test(variable.name()))) {
            return List.of(); // the usual case
        }
        PodEnvironment environment = new PodEnvironment(pod);
        container.env().forEach(environment::add);
        List<Pod.Variable> resolved = new ArrayList<>();
        Set<String> seen = new HashSet<>();
        for (Pod.Variable variable : container.env()) {
            String value = environment.known.get(variable.name());
            if (value != null && wanted.test(variable.name()) && seen.add(variable.name())) {
                resolved.add(new Pod.Variable(variable.name(), value, null, true));
            }
        }
        return List.copyOf(resolved);
    }

    private void add(Pod.Variable variable) {
        String value = value(variable);
        if (value == null) {
            known.remove(variable.name());
            unknown.add(variable.name());
        } else {
            known.put(variable.name(), value);
            unknown.remove(variable.name());
        }
    }

    private @Nullable String value(Pod.Variable variable) {
        if (variable.isResolved()) {
            return variable.value();
        }
        if (variable.valueFrom() != null) {
            Pod.FieldReference field = variable.valueFrom().fieldRef();
            return field == null ? null : field(field.fieldPath());
        }
        return expanded(variable.value());
    }

    private @Nullable String expanded(String value) {
        Matcher references = REFERENCE.matcher(value);
        StringBuilder text = new StringBuilder();
        while (references.find()) {
            String name = references.group(1);
            if (name != null && unknown.contains(name)) {
                return null;
            }
            String given = name == null ? "$" : known.getOrDefault(name, references.group());
            references.appendReplacement(text, Matcher.quoteReplacement(given));
        }
        return references.appendTail(text).toString();
    }

    private @Nullable String field(String path) {
        Matcher keyed = KEYED.matcher(path);
        if (keyed.matches()) {
            Map<String, String> map = keyed.group(1).equals("labels")
                    ? pod.metadata().labels()
                    : pod.metadata().annotations();
            return map.getOrDefault(keyed.group(2), "");
        }
        return switch (path) {
            case "metadata.name" -> pod.metadata().name();
            case "metadata.namespace" -> pod.metadata().namespace();
            case "metadata.uid" -> pod.metadata().uid();
            case "spec.nodeName" -> pod.spec().scheduling().nodeName();
            case "spec.serviceAccountName" -> pod.spec().scheduling().serviceAccountName();
            case "status.podIP" -> pod.status().condition().podIp();
            case "status.hostIP" -> pod.status().condition().hostIp();
            default -> null;
        };
    }
}
