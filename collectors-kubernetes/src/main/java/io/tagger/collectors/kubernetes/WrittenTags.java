package io.tagger.collectors.kubernetes;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.tagger.collectors.common.TagListBuilder;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** The tags written into an annotation {@code ad.datadoghq.com/tags} or {@code ad.datadoghq.com/CONTAINER.tags}. Immutable. */
final class WrittenTags {
    /** The begin of the annotations. */
    static final String PREFIX = "ad.datadoghq.com/";

    private static final ObjectMapper JSON = new ObjectMapper().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

    private final String annotation;
    private final List<Tag> tags;

    /** A tag as written; a leading {@code +} of the name makes the tag high. */
    private record Tag(String name, String value) {}

    private WrittenTags(String annotation, List<Tag> tags) {
        this.annotation = annotation;
        this.tags = tags;
    }

    /** Adds the tags to those of an entity. */
    void addTo(TagListBuilder entity) {
        entity.from("annotation " + annotation);
        tags.forEach(tag -> entity.auto(tag.name(), tag.value()));
    }

    /**
     * Reads the tags of an annotation.
     *
     * @param suffix the end of the annotation's name
     * @param problems receives the problem of an invalid value
     */
    static WrittenTags of(Pod pod, String suffix, Consumer<String> problems) {
        String annotation = PREFIX + suffix;
        return new WrittenTags(annotation, read(pod, annotation, problems));
    }

    /**
     * The tags in an annotation with a JSON object: a text is one tag, a list of texts, numbers and booleans several tags;
     * any further value is skipped.
     */
    private static List<Tag> read(Pod pod, String annotation, Consumer<String> problems) {
        String value = pod.metadata().annotations().get(annotation);
        if (value == null) {
            return List.of();
        }
        JsonNode node = null;
        try {
            node = JSON.readTree(value);
        } catch (JsonProcessingException e) {
            // Jackson's message quotes the whole input, and the position is of no use for an annotation.
        }
        if (node == null || !node.isObject()) {
            problems.accept(
                    "pod " + pod.metadata().namespace() + "/" + pod.metadata().name() + ": the annotation " + annotation
                            + " is skipped: the value must be a JSON object of tag names to texts or lists of texts");
            return List.of();
        }
        List<Tag> tags = new ArrayList<>();
        node.properties().forEach(property -> {
            boolean isList = property.getValue().isArray();
            for (JsonNode one : isList ? property.getValue() : List.of(property.getValue())) {
                if (one.isTextual() || isList && (one.isNumber() || one.isBoolean())) {
                    tags.add(new Tag(property.getKey(), one.asText()));
                }
            }
        });
        return tags;
    }
}
