package io.tagger.collectors.common;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.Map;
import java.util.function.Consumer;

/** Tags from a container's label {@code com.datadoghq.ad.tags}, written as JSON. */
public final class AutodiscoveryTags {
    /** The label. */
    public static final String LABEL = "com.datadoghq.ad.tags";

    private static final ObjectMapper JSON = new ObjectMapper().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

    private AutodiscoveryTags() {}

    /**
     * Reads the label's value: a JSON array of {@code name:value} strings, added as high tags. An item of another type,
     * or without exactly one colon, is skipped.
     *
     * @param value the label's value
     * @param tags where the tags go
     * @throws IllegalArgumentException if the value is no JSON array; no tag is added then
     */
    public static void fromLabel(String value, TagListBuilder tags) {
        tags.from("label", LABEL);
        for (JsonNode item : array(value)) {
            String tag = item.isTextual() ? item.textValue() : "";
            int colon = tag.indexOf(':');
            if (colon >= 0 && colon == tag.lastIndexOf(':')) {
                tags.high(tag.substring(0, colon), tag.substring(colon + 1));
            }
        }
    }

    /**
     * Reads the label of a container, if present; an invalid value is reported, and costs no further tag.
     *
     * @param labels the container's labels
     * @param container the container's id, for the report
     * @param tags where the tags go
     * @param problems receives the problems of invalid values
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
            // Jackson's message quotes the whole input, and the position is of no use for a label.
        }
        throw new IllegalArgumentException(LABEL + " must be a JSON array of \"name:value\" strings");
    }
}
