package io.tagger.ipc.server;

import io.tagger.api.Cardinality;
import io.tagger.api.EntityFilter;
import io.vertx.core.Context;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.OptionalLong;

/** Writes changes as lines of JSON. Runs on the event loop. */
final class HttpWatch extends Watch {
    private static final Buffer SYNCED = line("\"type\":\"synced\"");
    private static final Buffer START_OVER = line("\"type\":\"start_over\"");
    private static final Buffer ALIVE = line("\"type\":\"alive\"");

    private final Changes changes;
    private final HttpServerResponse response;
    private final EntityLine view;
    private final Position position;

    HttpWatch(
            Changes changes,
            Connections connections,
            Context context,
            HttpServerRequest request,
            EntityFilter filter,
            Cardinality cardinality) {
        super(request.connection(), context, connections);
        this.changes = changes;
        response = request.response();
        view = new EntityLine(cardinality);
        position = new Position(changes, filter, OptionalLong.empty(), false);
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
        try {
            if (position.read(ENOUGH, lines) == 0) {
                return false;
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        write(lines.all);
        return true;
    }

    private void write(Buffer lines) {
        writing(lines.length(), response.write(lines));
    }

    private final class Lines implements Position.Writer {
        private final Buffer all = Buffer.buffer();

        @Override
        public int startOver() {
            return add(START_OVER);
        }

        @Override
        public int set(Change change, boolean isNew) {
            return add(isNew ? "added" : "modified", change);
        }

        @Override
        public int deleted(Change change) {
            return add("deleted", change);
        }

        @Override
        public int synced() {
            return add(SYNCED);
        }

        private int add(Buffer line) {
            all.appendBuffer(line);
            return line.length();
        }

        private int add(String type, Change change) {
            Buffer members = changes.encoded(change, view);
            int before = all.length();
            if (before + members.length() > ENOUGH && !hasRoom(before + members.length())) {
                return NO_ROOM;
            }
            all.appendString("{\"type\":\"" + type + "\",")
                    .appendBuffer(members)
                    .appendString("}\n");
            return all.length() - before;
        }
    }
}
