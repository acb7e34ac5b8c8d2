package io.tagger.javaagent.identity;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Properties;

/**
 * Writes the tags and attributes of this JVM into system properties. A property set by the user stays. Not thread-safe.
 */
final class OwnProperties {
    private static final String TAG = "tagger.tag.";
    private static final String SERVICE_NAME = "service.name";

    private final Properties properties;
    private final Map<String, String> environment;

    /**
     * Makes a writer.
     *
     * @param properties the system properties
     * @param environment the environment, where the user may have set the attributes
     */
    OwnProperties(Properties properties, Map<String, String> environment) {
        this.properties = properties;
        this.environment = environment;
    }

    /**
     * Sets {@code tagger.tag.NAME} for each name; of several values the first counts.
     *
     * @param tags {@code name:value}; a tag without a value is left out
     */
    void tags(List<String> tags) {
        for (String tag : tags) {
            int colon = tag.indexOf(':');
            if (colon > 0) {
                properties.putIfAbsent(TAG + tag.substring(0, colon), tag.substring(colon + 1));
            }
        }
    }

    /**
     * Sets {@code otel.resource.attributes} and {@code otel.service.name}, unless the user has set them there or in the
     * environment. The property has no form for an array, so that arrays are left out.
     *
     * @param attributes the attributes
     */
    void attributes(Map<String, Object> attributes) {
        String ofTheUser = set("otel.resource.attributes", "OTEL_RESOURCE_ATTRIBUTES");
        boolean hasName = !set("otel.service.name", "OTEL_SERVICE_NAME").isEmpty()
                || ofTheUser.matches("(.*,)?\\s*service\\.name\\s*=.*");
        if (!hasName && attributes.get(SERVICE_NAME) instanceof String name) {
            properties.setProperty("otel.service.name", name);
        }
        if (!ofTheUser.isEmpty()) {
            return;
        }
        StringBuilder text = new StringBuilder();
        attributes.forEach((name, value) -> {
            if (value instanceof String one && !name.equals(SERVICE_NAME) && !name.matches(".*[=,%\\s].*")) {
                text.append(text.isEmpty() ? "" : ",").append(name).append('=').append(encoded(one));
            }
        });
        if (!text.isEmpty()) {
            properties.setProperty("otel.resource.attributes", text.toString());
        }
    }

    private String set(String property, String variable) {
        String text = properties.getProperty(property, "");
        return text.isEmpty() ? environment.getOrDefault(variable, "") : text;
    }

    /** Percent-encodes the separators of OpenTelemetry's list of attributes, and all bytes outside of ASCII. */
    private static String encoded(String value) {
        StringBuilder text = new StringBuilder();
        for (byte each : value.getBytes(StandardCharsets.UTF_8)) {
            boolean isPlain = each > ' ' && each < 0x7f && ",;=%\"\\".indexOf(each) < 0;
            text.append(isPlain ? String.valueOf((char) each) : String.format("%%%02X", each & 0xff));
        }
        return text.toString();
    }
}
