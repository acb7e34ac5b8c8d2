package io.tagger.collectors.common;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.Map;
import java.util.function.Consumer;

/** Tags that a container carries as JSON in its label {@code com.datadoghq.ad.tags}. */
public final class AutodiscoveryTags {
    /** The label. */
    public static final String LABEL = "com.datadoghq.ad.tags";

    private static final ObjectMapper JSON = new ObjectMapper().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

    private AutodiscoveryTags() {}

    /**
     * Reads the label's value: a JSON array of {@code name:value} strings, which become high tags. An item that is no string, or does not
     * have exactly one colon, is skipped.
     *
     * @param value the label's value
     * @param tags where the tags go
     * @throws IllegalArgumentException if it is no JSON array; nothing is added then
     */
    public static void fromLabel(String value, TagListBuilder tags) {
        for (JsonNode item : array(value)) {
            String tag = item.isTextual() ? item.textValue() : "";
            int colon = tag.indexOf(':');
            if (colon >= 0 && colon == tag.lastIndexOf(':')) {
                tags.high(tag.substring(0, colon), tag.substring(colon + 1));
            }
        }
    }

    /**
     * Reads the label of a container, if it has it; a value that is no JSON array is told of, and costs no other tag.
     *
     * @param labels the container's labels
     * @param container its id, for the problem
     * @param tags where the tags go
     * @param problems is told of what could not be read
     */
    public static void fromLabels(
            Map<String, String> labels, String container, TagListBuilder tags, Consumer<String> problems) {
        String value = labels.get(LABEL);
        if (value != null) {
            try {
                fromLabel(value, tags);
            } catch (IllegalArgumentException e) {
                problems.accept("label of container " + container + " is skipped: " + e.getMessage());
            }
        }
    }

    private static JsonNode array(String value) {
        try {
            JsonNode node = JSON.readTree(value);
            if (node.isArray()) {
                return node;
            }
        } catch (JsonProcessingException e) {
            // Jackson's message quotes the whole input, and its place is of no use for a label.
        }
        throw new IllegalArgumentException(LABEL + " must be a JSON array of \"name:value\" strings");
    }
}
