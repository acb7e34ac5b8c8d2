package io.tagger.client;

import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;

/**
 * The agent's answer to the question which attributes an entity has.
 *
 * @param entity the entity
 * @param conventions the version of OpenTelemetry's semantic conventions, for instance {@code 1.44.0}
 * @param attributes attribute name to value, sorted by name: a {@link String}, or a {@link java.util.List} of strings
 * @param complete whether the attributes are final until the next change outside
 */
public record ResourceAnswer(String entity, String conventions, Map<String, Object> attributes, boolean complete) {
    /** Reads the answer of {@code /v1/resource}. */
    static ResourceAnswer read(JsonReader json) {
        String entity = "";
        String conventions = "";
        Map<String, Object> attributes = new TreeMap<>();
        boolean complete = false;
        json.object();
        for (String name = json.member(); name != null; name = json.member()) {
            switch (name) {
                case "entity" -> entity = json.string();
                case "conventions" -> conventions = json.string();
                case "complete" -> complete = json.bool();
                case "attributes" -> {
                    json.object();
                    for (String key = json.member(); key != null; key = json.member()) {
                        attributes.put(key, json.isArray() ? json.strings() : json.string());
                    }
                }
                default -> json.skip();
            }
        }
        json.end();
        return new ResourceAnswer(entity, conventions, Collections.unmodifiableMap(attributes), complete);
    }
}
