package io.tagger.ipc.server;

import com.fasterxml.jackson.core.JsonGenerator;
import io.tagger.api.EntityFilter;
import io.vertx.core.Context;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** Writes changes as lines of JSON; docs/protocol.md describes the lines. Runs on the event loop. */
final class HttpWatch extends Watch {
    private static final Buffer SYNCED = line("\"type\":\"synced\"");
    private static final Buffer START_OVER = line("\"type\":\"start_over\"");
    private static final byte[] END = {'}', '\n'};
    private static final Buffer ALIVE = line("\"type\":\"alive\"");

    private final Changes changes;
    private final HttpServerResponse response;
    private final EntityJson view;
    private final Position position;
    private final boolean hasTokens;
    private boolean hasBegun;
    /** The values sent once in the initial state; null outside of the initial state and of the compact form. */
    private @Nullable SentOnce sent;

    /**
     * The watcher's selection of events.
     *
     * @param filter the entities
     * @param view the form of an entity
     * @param token the resume token of an earlier watch; empty to start from the beginning
     */
    record Selection(EntityFilter filter, EntityJson view, String token) {}

    HttpWatch(
            Changes changes, Connections connections, Context context, HttpServerRequest request, Selection selection) {
        super(request.connection(), context, connections);
        this.changes = changes;
        response = request.response();
        view = selection.view;
        hasTokens = view.form() != EntityJson.Form.TAGS;
        sent = view.form() == EntityJson.Form.COMPACT ? new SentOnce() : null;
        OptionalLong resumed = ResumeToken.revision(changes, selection.token);
        position = new Position(changes, selection.filter, resumed, resumed.isEmpty() && !selection.token.isEmpty());
        response.drainHandler(nothing -> write());
    }

    private static Buffer line(String members) {
        return Buffer.buffer("{" + members + "}\n");
    }

    @Override
    boolean isFull() {
        return response.writeQueueFull();
    }

    @Override
    void writeAlive() {
        write(ALIVE);
    }

    @Override
    boolean writeSome() {
        Lines lines = new Lines();
        try (lines.json) {
            boolean isFirst = !hasBegun && hasTokens;
            if (position.read(enough(), lines) == 0 && !isFirst) {
                return false;
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        if (hasTokens) {
            String token = HexFormat.of().formatHex(ResumeToken.of(changes, position.known()));
            lines.add(line("\"type\":\"token\",\"token\":\"" + token + "\""));
            hasBegun = true; // the first lines may be a token alone: they prove the connection
        }
        write(Buffer.buffer(lines.bytes.toByteArray()));
        return true;
    }

    private void write(Buffer lines) {
        writing(lines.length(), response.write(lines));
    }

    /** Bytes with a way back. */
    private static final class Bytes extends ByteArrayOutputStream {
        Bytes() {
            super(ENOUGH + 4_096);
        }

        void truncate(int length) {
            count = length;
        }
    }

    private final class Lines implements Position.Writer {
        private final Bytes bytes = new Bytes();
        private final JsonGenerator json;

        Lines() {
            try {
                json = EntityJson.generator(bytes);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        @Override
        public int startOver() {
            return add(START_OVER);
        }

        @Override
        public int set(Change change, boolean isNew) throws IOException {
            String type = isNew ? "added" : "modified";
            return sent == null ? add(type, change) : add(type, change, sent);
        }

        @Override
        public int deleted(Change change) {
            return add("deleted", change);
        }

        @Override
        public int synced() {
            sent = null; // from here on all watchers share the lines of a change
            return add(SYNCED);
        }

        private int add(Buffer line) {
            bytes.writeBytes(line.getBytes());
            return line.length();
        }

        private int add(String type, Change change) {
            Buffer members = changes.encoded(change, view);
            int before = bytes.size();
            if (before + members.length() > ENOUGH && !hasRoom(before + members.length())) {
                return NO_ROOM;
            }
            bytes.writeBytes(("{\"type\":\"" + type + "\",").getBytes(StandardCharsets.ISO_8859_1));
            bytes.writeBytes(members.getBytes());
            bytes.writeBytes(END);
            return bytes.size() - before;
        }

        private int add(String type, Change change, SentOnce known) throws IOException {
            int before = bytes.size();
            json.writeStartObject();
            json.writeStringField("type", type);
            view.members(json, change.entity, change.tags, changes.isComplete(change), known);
            json.writeEndObject();
            json.writeRaw('\n');
            json.flush();
            if (bytes.size() > ENOUGH && !hasRoom(bytes.size())) {
                bytes.truncate(before);
                known.forget();
                return NO_ROOM;
            }
            return bytes.size() - before;
        }
    }
}
