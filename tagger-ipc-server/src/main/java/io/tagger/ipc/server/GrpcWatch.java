package io.tagger.ipc.server;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.WireFormat;
import io.tagger.api.EntityFilter;
import io.tagger.ipc.v1.Event;
import io.tagger.ipc.v1.WatchEntitiesResponse;
import io.vertx.core.Context;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpConnection;
import io.vertx.grpc.common.GrpcMessage;
import io.vertx.grpc.server.GrpcServerResponse;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.OptionalLong;

/** Writes changes as {@link WatchEntitiesResponse}s, with resume tokens. Runs on the event loop. */
final class GrpcWatch extends Watch {
    /** A little more than {@link Watch#ENOUGH}, or else the last event would copy the buffer. */
    private static final int ROOM = 16 * 1024;

    private final Changes changes;
    private final GrpcServerResponse<Buffer, WatchEntitiesResponse> response;
    private final EntityView view;
    private final Position position;
    private boolean hasBegun;

    /**
     * The call of a watch.
     *
     * @param connection the connection of the call
     * @param context the event loop of the connection
     * @param response the response
     */
    record Call(
            HttpConnection connection, Context context, GrpcServerResponse<Buffer, WatchEntitiesResponse> response) {}

    /**
     * The watcher's selection of events.
     *
     * @param filter the entities
     * @param view the form of an entity
     * @param token the resume token of an earlier watch; empty to start from the beginning
     */
    record Request(EntityFilter filter, EntityView view, ByteString token) {}

    /** Makes a watch; the first {@link #run} begins to write. */
    GrpcWatch(Changes changes, Connections connections, Call call, Request request) {
        super(call.connection, call.context, connections);
        this.changes = changes;
        response = call.response;
        view = request.view;
        OptionalLong resumed = ResumeToken.revision(changes, request.token.asReadOnlyByteBuffer());
        position = new Position(changes, request.filter, resumed, resumed.isEmpty() && !request.token.isEmpty());
        response.drainHandler(nothing -> write());
    }

    @Override
    boolean isFull() {
        return response.writeQueueFull();
    }

    @Override
    void writeAlive() {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try {
            write(bytes, CodedOutputStream.newInstance(bytes));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    boolean writeSome() {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(ROOM);
        CodedOutputStream out = CodedOutputStream.newInstance(bytes);
        try {
            if (position.read(ENOUGH, new Events(out)) == 0 && hasBegun) {
                return false; // no matching change up to the end
            }
            hasBegun = true; // the first message may be empty: it proves the connection
            write(bytes, out);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return true;
    }

    /** Writes a message, with the token of the position behind the events. */
    private void write(ByteArrayOutputStream bytes, CodedOutputStream out) throws IOException {
        out.writeBytes(
                WatchEntitiesResponse.RESUME_TOKEN_FIELD_NUMBER,
                ByteString.copyFrom(ResumeToken.of(changes, position.known())));
        out.flush();
        writing(
                bytes.size(),
                response.writeMessage(GrpcMessage.message("identity", Buffer.buffer(bytes.toByteArray()))));
    }

    private final class Events implements Position.Writer {
        private final CodedOutputStream out;
        private int all;

        Events(CodedOutputStream out) {
            this.out = out;
        }

        @Override
        public int startOver() throws IOException {
            return event(Event.Type.START_OVER, ByteString.EMPTY);
        }

        @Override
        public int set(Change change, boolean isNew) throws IOException {
            return event(Event.Type.SET, changes.encoded(change, view));
        }

        @Override
        public int deleted(Change change) throws IOException {
            return event(Event.Type.DELETED, changes.encoded(change, view));
        }

        @Override
        public int synced() throws IOException {
            return event(Event.Type.SYNCED, ByteString.EMPTY);
        }

        /** An event among {@link WatchEntitiesResponse#getEventsList}; an embedded message is its length and its bytes. */
        private int event(Event.Type type, ByteString entity) throws IOException {
            if (all + entity.size() > ENOUGH && !hasRoom(all + entity.size())) {
                return NO_ROOM;
            }
            int size = CodedOutputStream.computeEnumSize(Event.TYPE_FIELD_NUMBER, type.getNumber())
                    + (entity.isEmpty() ? 0 : CodedOutputStream.computeBytesSize(Event.ENTITY_FIELD_NUMBER, entity));
            out.writeTag(WatchEntitiesResponse.EVENTS_FIELD_NUMBER, WireFormat.WIRETYPE_LENGTH_DELIMITED);
            out.writeUInt32NoTag(size);
            out.writeEnum(Event.TYPE_FIELD_NUMBER, type.getNumber());
            if (!entity.isEmpty()) {
                out.writeBytes(Event.ENTITY_FIELD_NUMBER, entity);
            }
            all += size;
            return size;
        }
    }
}
