package io.tagger.naming;

import io.tagger.api.EntityId;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/**
 * The attributes of an entity, as OpenTelemetry has them. Immutable.
 *
 * @param entity the entity
 * @param attributes attribute name to value, sorted by name: a {@link String}, or a {@link List} of strings
 * @param complete whether the attributes are final until the next change outside
 */
public record Resource(EntityId entity, Map<String, Object> attributes, boolean complete) {
    /**
     * Checks and copies the values.
     *
     * @throws IllegalArgumentException if a value is neither a text nor a list of texts
     */
    public Resource {
        Objects.requireNonNull(entity, "entity");
        Map<String, Object> copy = new TreeMap<>();
        attributes.forEach((name, value) -> copy.put(name, checked(name, value)));
        attributes = Collections.unmodifiableMap(copy);
    }

    private static Object checked(String name, Object value) {
        if (value instanceof String) {
            return value;
        }
        if (value instanceof List<?> list && list.stream().allMatch(String.class::isInstance)) {
            return List.copyOf(list);
        }
        throw new IllegalArgumentException("the attribute " + name + " is neither a text nor a list of texts");
    }
}
