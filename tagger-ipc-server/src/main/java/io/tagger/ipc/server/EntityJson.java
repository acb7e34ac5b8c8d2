package io.tagger.ipc.server;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.io.SerializedString;
import io.tagger.api.Cardinality;
import io.tagger.api.CollectorPriority;
import io.tagger.api.EntityId;
import io.tagger.api.EntityTags;
import io.tagger.api.SourceTags;
import io.vertx.core.buffer.Buffer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Entities as the members of a JSON object, without the braces. Empty lists are left out.
 *
 * @param cardinality the level of the tags
 * @param form the content of the members
 */
record EntityJson(Cardinality cardinality, Form form) implements Change.View<Buffer> {
    /** The content of the members. */
    enum Form {
        /** The merged tags alone: {@code "entity":"..","tags":[..]}. */
        TAGS,
        /** The merged tags by level, and all sources: {@code "entity":"..","low":[..],"complete":true,"sources":[..]}. */
        SOURCES,
        /** The sources alone, for a watcher with a merge of its own: {@code "entity":"..","complete":true,"sources":[..]}. */
        COMPACT
    }

    /** The number of different views. */
    static final int VIEWS = Form.values().length * Cardinality.values().length;

    /** All levels and sources. */
    static final EntityJson WHOLE = new EntityJson(Cardinality.HIGH, Form.SOURCES);

    private static final JsonFactory JSON = new JsonFactory();
    private static final SerializedString NOTHING = new SerializedString("");

    /** Writes shared values of entities, or numbers in their place, in the compact form. */
    interface Shared {
        /** Everything is written as it is. */
        Shared WHOLE = new Shared() {
            @Override
            public void low(JsonGenerator json, Low low) throws IOException {
                json.writeStartObject();
                low.write(json);
                json.writeEndObject();
            }

            @Override
            public void source(JsonGenerator json, Head source) throws IOException {
                json.writeStartObject();
                source.write(json);
                json.writeEndObject();
            }
        };

        /** Writes the value of low tags. */
        void low(JsonGenerator json, Low low) throws IOException;

        /** Writes the value of a source's head. */
        void source(JsonGenerator json, Head source) throws IOException;
    }

    /**
     * The low tags of a source.
     *
     * @param tags the low tags
     * @param standard the standard tags among them
     */
    record Low(List<String> tags, List<String> standard) {
        /** Writes the members. */
        void write(JsonGenerator json) throws IOException {
            json.writeFieldName("tags");
            EntityJson.write(json, tags);
            if (!standard.isEmpty()) {
                json.writeFieldName("standard");
                EntityJson.write(json, standard);
            }
        }
    }

    /**
     * A source without its tags.
     *
     * @param name the name of the source
     * @param priority the rank of the source
     * @param complete whether the report is complete
     */
    record Head(String name, CollectorPriority priority, boolean complete) {
        Head(SourceTags tags) {
            this(tags.source(), tags.priority(), tags.complete());
        }

        /** Writes the members. */
        void write(JsonGenerator json) throws IOException {
            json.writeStringField("name", name);
            json.writeStringField(
                    "priority",
                    switch (priority) {
                        case NODE_RUNTIME -> "node_runtime";
                        case NODE_ORCHESTRATOR -> "node_orchestrator";
                        case CLUSTER_ORCHESTRATOR -> "cluster_orchestrator";
                    });
            json.writeBooleanField("complete", complete);
        }
    }

    @Override
    public int index() {
        return EntityView.VIEWS + form.ordinal() * Cardinality.values().length + cardinality.ordinal();
    }

    @Override
    public Buffer encode(EntityId entity, @Nullable EntityTags tags, boolean complete) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(512);
        try (JsonGenerator json = generator(bytes)) {
            json.writeStartObject();
            members(json, entity, tags, complete, Shared.WHOLE);
            json.writeEndObject();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        byte[] object = bytes.toByteArray();
        return Buffer.buffer(object).slice(1, object.length - 1);
    }

    /** An entity as an object. */
    Buffer object(EntityTags tags) {
        return Buffer.buffer("{")
                .appendBuffer(encode(tags.entity(), tags, tags.complete()))
                .appendString("}");
    }

    /** A writer of JSON in UTF-8, without a separator between values. */
    static JsonGenerator generator(OutputStream bytes) throws IOException {
        return JSON.createGenerator(bytes).setRootValueSeparator(NOTHING);
    }

    /** Writes the members of an entity; of a deleted entity the name alone. */
    void members(JsonGenerator json, EntityId entity, @Nullable EntityTags tags, boolean complete, Shared shared)
            throws IOException {
        json.writeStringField("entity", entity.toString());
        if (tags == null) {
            return;
        }
        switch (form) {
            case TAGS -> {
                json.writeFieldName("tags");
                write(json, tags.tags(cardinality));
            }
            case SOURCES -> sources(json, tags, complete);
            case COMPACT -> compact(json, tags, complete, shared);
        }
    }

    private void sources(JsonGenerator json, EntityTags tags, boolean complete) throws IOException {
        Levels merged = new Levels(tags);
        merged.write(json, cardinality);
        json.writeBooleanField("complete", complete);
        List<SourceTags> sources = tags.bySource();
        json.writeArrayFieldStart("sources");
        for (SourceTags source : sources) {
            Levels own = new Levels(source);
            json.writeStartObject();
            new Head(source).write(json);
            if (sources.size() == 1 && cardinality == Cardinality.HIGH && own.equals(merged)) {
                json.writeBooleanField("all", true);
            } else {
                own.write(json, Cardinality.HIGH);
            }
            json.writeEndObject();
        }
        json.writeEndArray();
    }

    private void compact(JsonGenerator json, EntityTags tags, boolean complete, Shared shared) throws IOException {
        json.writeBooleanField("complete", complete);
        json.writeArrayFieldStart("sources");
        for (SourceTags source : tags.bySource()) {
            json.writeStartObject();
            json.writeFieldName("source");
            shared.source(json, new Head(source));
            Low low = new Low(source.low(), source.standard());
            if (!low.tags.isEmpty()) {
                json.writeFieldName("low");
                shared.low(json, low);
            }
            write(json, "orchestrator", source.orchestrator());
            write(json, "high", source.high());
            json.writeEndObject();
        }
        json.writeEndArray();
    }

    /** Writes a member with an array of strings, unless empty. */
    private static void write(JsonGenerator json, String name, List<String> tags) throws IOException {
        if (!tags.isEmpty()) {
            json.writeFieldName(name);
            write(json, tags);
        }
    }

    /** Writes an array of strings. */
    static void write(JsonGenerator json, List<String> tags) throws IOException {
        json.writeStartArray();
        for (String tag : tags) {
            json.writeString(tag);
        }
        json.writeEndArray();
    }

    /** The tags of each level alone. */
    private record Levels(List<String> low, List<String> orchestrator, List<String> high, List<String> standard) {
        Levels(SourceTags source) {
            this(source.low(), source.orchestrator(), source.high(), source.standard());
        }

        Levels(EntityTags tags) {
            this(tags, tags.tags(Cardinality.LOW), tags.tags(Cardinality.ORCHESTRATOR), tags.tags(Cardinality.HIGH));
        }

        private Levels(EntityTags tags, List<String> low, List<String> orchestrator, List<String> high) {
            this(
                    low,
                    orchestrator.subList(low.size(), orchestrator.size()),
                    high.subList(orchestrator.size(), high.size()),
                    tags.standard());
        }

        void write(JsonGenerator json, Cardinality cardinality) throws IOException {
            EntityJson.write(json, "low", low);
            if (cardinality != Cardinality.LOW) {
                EntityJson.write(json, "orchestrator", orchestrator);
            }
            if (cardinality == Cardinality.HIGH) {
                EntityJson.write(json, "high", high);
            }
            EntityJson.write(json, "standard", standard);
        }
    }
}
