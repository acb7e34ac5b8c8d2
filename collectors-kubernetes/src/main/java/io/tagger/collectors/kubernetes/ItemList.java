package io.tagger.collectors.kubernetes;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.JavaType;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.cfg.CoercionAction;
import com.fasterxml.jackson.databind.cfg.CoercionInputShape;
import com.fasterxml.jackson.databind.deser.DeserializationProblemHandler;
import com.fasterxml.jackson.databind.deser.ValueInstantiator;
import com.fasterxml.jackson.databind.type.LogicalType;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * A list of pods or further resources, or a page of a list, as sent by the kubelet and the API server.
 *
 * @param items the listed items
 * @param next where the next page begins; empty if this is all
 * @param version the version of the list, where a watch goes on; empty from a kubelet
 */
record ItemList<T>(List<T> items, String next, String version) {
    /** Without a JVM-wide table of names: most names in a list of pods belong to one pod alone, and are skipped. */
    private static final ObjectMapper JSON = new ObjectMapper(JsonFactory.builder()
                    .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
                    .build()
                    .disable(JsonParser.Feature.AUTO_CLOSE_SOURCE)) // the caller has yet to read the end of the body
            .addHandler(new FieldByField());

    static {
        for (LogicalType type : List.of(LogicalType.POJO, LogicalType.Map, LogicalType.Collection)) {
            JSON.coercionConfigFor(type).setCoercion(CoercionInputShape.EmptyString, CoercionAction.AsNull);
        }
    }

    private static final String VERSION = "resourceVersion";

    /** Makes a field of an unexpected type empty, so that it costs no other field, and no other item. */
    private static final class FieldByField extends DeserializationProblemHandler {
        @Override
        public @Nullable Object handleUnexpectedToken(
                DeserializationContext context, JavaType wanted, JsonToken token, JsonParser json, String why)
                throws IOException {
            json.skipChildren();
            return null;
        }

        @Override
        public @Nullable Object handleMissingInstantiator(
                DeserializationContext context,
                Class<?> wanted,
                ValueInstantiator instantiator,
                JsonParser json,
                String why)
                throws IOException {
            json.skipChildren();
            return null;
        }
    }

    /**
     * Reads a list, and keeps only the fields of the item's class.
     *
     * @param body JSON; not closed
     * @param kind of the items
     * @param keep selects the kept part of each item
     * @throws IOException if the body is no such list or ends too early; the message tells the case
     */
    static <T> ItemList<T> read(InputStream body, Class<T> kind, UnaryOperator<T> keep) throws IOException {
        ObjectReader item = JSON.readerFor(kind);
        List<T> items = new ArrayList<>();
        String next = "";
        String version = "";
        boolean hasItems = false;
        try (JsonParser json = JSON.createParser(body)) {
            if (json.nextToken() != JsonToken.START_OBJECT) {
                throw new IOException("the answer is no list but begins with " + json.currentToken());
            }
            while (json.nextToken() != JsonToken.END_OBJECT) {
                String field = json.currentName();
                json.nextToken();
                switch (field) {
                    case "items" -> {
                        hasItems = true;
                        boolean isArray =
                                json.currentToken() == JsonToken.START_ARRAY; // null in the kubelet's empty list
                        while (isArray && json.nextToken() != JsonToken.END_ARRAY) {
                            T one = item.readValue(json);
                            if (one != null) {
                                items.add(keep.apply(one));
                            }
                        }
                    }
                    case "metadata" -> {
                        JsonNode metadata = JSON.readTree(json);
                        next = metadata.path("continue").asText("");
                        version = metadata.path(VERSION).asText("");
                    }
                    default -> json.skipChildren();
                }
            }
        } catch (JsonProcessingException e) {
            throw new IOException("the answer is no list: " + e.getOriginalMessage(), e);
        }
        if (!hasItems) {
            throw new IOException("the answer is no list: there are no items");
        }
        return new ItemList<>(items, next, version);
    }

    /**
     * A line of a watch.
     *
     * @param type ADDED, MODIFIED, DELETED, BOOKMARK, ERROR, or a type of a later version
     * @param item the object after the change, or before its deletion; null for a bookmark and for an error
     * @param version the version after the event; empty for an error
     * @param code the HTTP status of an error; 0 for all further types
     * @param message the message of an error
     */
    record Event<T>(String type, @Nullable T item, String version, int code, String message) {}

    /** Reads a line of a watch. */
    static <T> Event<T> readEvent(byte[] line, Class<T> kind) throws IOException {
        try {
            JsonNode event = JSON.readTree(line);
            String type = event.path("type").asText("");
            JsonNode object = event.path("object");
            String version = object.path("metadata").path(VERSION).asText("");
            return switch (type) {
                case "ADDED", "MODIFIED", "DELETED" ->
                    new Event<>(type, JSON.treeToValue(object, kind), version, 0, "");
                case "ERROR" ->
                    new Event<>(
                            type,
                            null,
                            "",
                            object.path("code").asInt(),
                            object.path("message").asText(""));
                default -> new Event<>(type, null, version, 0, "");
            };
        } catch (JsonProcessingException e) {
            throw new IOException("an event has an unexpected form: " + e.getOriginalMessage(), e);
        }
    }

    /** Reads a single object as a list of its own, and keeps only the fields of its class. */
    static <T> ItemList<T> readSingle(InputStream body, Class<T> kind, UnaryOperator<T> keep) throws IOException {
        JsonNode tree = readOne(body, JsonNode.class);
        try {
            T one = JSON.treeToValue(tree, kind);
            if (one == null) {
                throw new IOException("the answer is null");
            }
            return new ItemList<>(
                    List.of(keep.apply(one)),
                    "",
                    tree.path("metadata").path(VERSION).asText(""));
        } catch (JsonProcessingException e) {
            throw new IOException("the answer has an unexpected form: " + e.getOriginalMessage(), e);
        }
    }

    /** Reads a single object, and keeps only the fields of its class. */
    static <T> T readOne(InputStream body, Class<T> kind) throws IOException {
        try {
            T one = JSON.readerFor(kind).readValue(body);
            if (one == null) {
                throw new IOException("the answer is null");
            }
            return one;
        } catch (JsonProcessingException e) {
            throw new IOException("the answer has an unexpected form: " + e.getOriginalMessage(), e);
        }
    }
}
