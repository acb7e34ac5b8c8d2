package io.tagger.ipc.server;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.WireFormat;
import io.tagger.api.EntityFilter;
import io.tagger.ipc.v1.Event;
import io.tagger.ipc.v1.WatchEntitiesRequest;
import io.tagger.ipc.v1.WatchEntitiesResponse;
import io.vertx.core.Context;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpConnection;
import io.vertx.grpc.common.GrpcMessage;
import io.vertx.grpc.server.GrpcServerResponse;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.Iterator;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Writes changes at the reader's pace; the only state is a position. Runs on the event loop, except {@link #run}, which
 * any thread may call to wake the watch.
 */
final class GrpcWatch implements Runnable {
    /** Bytes of a response, more or less. */
    private static final int ENOUGH = 32 * 1024;

    /** A little more than the limit, or else the last event would copy the buffer. */
    private static final int ROOM = 40 * 1024;

    private static final long MOMENT_MILLIS = 5;

    private final Changes changes;
    private final Connections connections;
    private final Call call;
    private final Request request;
    private final AtomicBoolean isAwake = new AtomicBoolean();
    private long known;
    /** Deletions up to this revision are skipped: the watcher never received their entities. */
    private long born;
    /** The revision at the end of the initial state; -1 as long as the changes are not complete themselves. */
    private long target = -1;

    private boolean startsOver;
    private boolean isSynced;
    private boolean isClosed;
    private boolean hasBegun;
    private long written; // when, in nanoseconds

    /**
     * The call of a watch.
     *
     * @param connection the connection of the call
     * @param context the event loop of the connection
     * @param response the response
     */
    record Call(
            HttpConnection connection,
            Context context,
            GrpcServerResponse<WatchEntitiesRequest, WatchEntitiesResponse> response) {}

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
        this.changes = changes;
        this.connections = connections;
        this.call = call;
        this.request = request;
        ByteString token = request.token();
        ByteBuffer numbers = token.asReadOnlyByteBuffer();
        if (token.size() == 2 * Long.BYTES
                && numbers.getLong(0) == changes.epoch()
                && changes.reaches(numbers.getLong(Long.BYTES))) {
            known = numbers.getLong(Long.BYTES);
        } else {
            startsOver = !token.isEmpty();
            born = changes.revision();
        }
        call.response.drainHandler(nothing -> write());
    }

    void close() {
        isClosed = true;
        changes.remove(this);
    }

    /** Wakes the watch after a change. A watcher with a recent message receives all later changes in one message. */
    @Override
    public void run() {
        if (isAwake.compareAndSet(false, true)) {
            call.context.runOnContext(nothing -> {
                if (System.nanoTime() - written > MOMENT_MILLIS * 1_000_000L) {
                    wake();
                } else {
                    call.context.owner().setTimer(MOMENT_MILLIS, timer -> wake());
                }
            });
        }
    }

    private void wake() {
        isAwake.set(false);
        write();
    }

    private void write() {
        while (!isClosed && !call.response.writeQueueFull() && writeSome()) {
            written = System.nanoTime();
        }
    }

    /** Writes a response, if there is a change to send. */
    private boolean writeSome() {
        long before = known;
        if (!changes.has(Math.max(known, born))) { // the watcher was so slow that unsent deletions were dropped
            known = 0;
            born = changes.revision();
            target = -1;
            startsOver = true;
            isSynced = false;
        }
        if (target < 0 && changes.isComplete()) {
            target = changes.revision();
        }
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(ROOM);
        CodedOutputStream out = CodedOutputStream.newInstance(bytes);
        try {
            int size = 0;
            if (startsOver) {
                size += event(out, Event.Type.START_OVER, ByteString.EMPTY);
                startsOver = false;
            }
            Iterator<Change> rest = changes.after(known);
            while (rest.hasNext() && size < ENOUGH) {
                Change change = rest.next();
                known = change.revision;
                boolean isGone = change.tags == null;
                if (request.filter.matches(change.entity) && !(isGone && change.revision <= born)) {
                    size += event(
                            out, isGone ? Event.Type.DELETED : Event.Type.SET, changes.encoded(change, request.view));
                }
            }
            if (!changes.has(Math.max(before, born))) { // dropped during the read
                known = before;
                return writeSome();
            }
            if (!isSynced && target >= 0 && (known >= target || !rest.hasNext())) {
                isSynced = true;
                size += event(out, Event.Type.SYNCED, ByteString.EMPTY);
            }
            if (size == 0 && hasBegun) {
                return false; // no matching change up to the end
            }
            out.writeBytes(
                    WatchEntitiesResponse.RESUME_TOKEN_FIELD_NUMBER,
                    ByteString.copyFrom(ByteBuffer.allocate(2 * Long.BYTES)
                            .putLong(changes.epoch())
                            .putLong(known)
                            .flip()));
            out.flush();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        hasBegun = true; // the first message may be empty: it proves the connection
        connections.writing(
                call.connection,
                call.response.writeMessage(GrpcMessage.message("identity", Buffer.buffer(bytes.toByteArray()))));
        return true;
    }

    /** An event among {@link WatchEntitiesResponse#getEventsList}; an embedded message is its length and its bytes. */
    private static int event(CodedOutputStream out, Event.Type type, ByteString entity) throws IOException {
        int size = CodedOutputStream.computeEnumSize(Event.TYPE_FIELD_NUMBER, type.getNumber())
                + (entity.isEmpty() ? 0 : CodedOutputStream.computeBytesSize(Event.ENTITY_FIELD_NUMBER, entity));
        out.writeTag(WatchEntitiesResponse.EVENTS_FIELD_NUMBER, WireFormat.WIRETYPE_LENGTH_DELIMITED);
        out.writeUInt32NoTag(size);
        out.writeEnum(Event.TYPE_FIELD_NUMBER, type.getNumber());
        if (!entity.isEmpty()) {
            out.writeBytes(Event.ENTITY_FIELD_NUMBER, entity);
        }
        return size;
    }
}
