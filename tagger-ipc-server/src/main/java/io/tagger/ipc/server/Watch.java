package io.tagger.ipc.server;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.http.HttpConnection;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * A watch under way: writes changes at the reader's pace. Runs on the event loop, except {@link #run}, which any thread
 * may call to wake the watch.
 */
abstract class Watch implements Runnable {
    /** Bytes of a message, more or less; with the last event the message stays small for {@link Connections#SMALL}. */
    static final int ENOUGH = 12 * 1024;

    /** Bytes of a message where many follow and there is room: fewer turns for both sides. */
    private static final int PLENTY = 60 * 1024;

    /** The number of messages in a turn of the event loop. */
    private static final int TURN = 4;

    private static final long MOMENT_MILLIS = 5;
    private static final long LATER_MILLIS = 100;

    private final HttpConnection connection;
    private final Context context;
    private final Connections connections;
    private final AtomicBoolean isAwake = new AtomicBoolean();
    private boolean isClosed;
    private boolean isPostponed;
    private boolean lacksRoom;
    private long written = System.nanoTime() - MOMENT_MILLIS * 1_000_000L; // the first message does not wait
    private Runnable onClose = () -> {};

    Watch(HttpConnection connection, Context context, Connections connections) {
        this.connection = connection;
        this.context = context;
        this.connections = connections;
    }

    /** Whether the connection takes no further message at the moment; a drain handler calls {@link #write}. */
    abstract boolean isFull();

    /** Writes a message with the next events; false if there are none, or no room. */
    abstract boolean writeSome();

    /** Writes a sign of life, without an event. */
    abstract void writeAlive();

    HttpConnection connection() {
        return connection;
    }

    /** Sets the action at the end of the watch. */
    void whenClosed(Runnable action) {
        onClose = action;
    }

    /** Ends the watch. A second close has no effect. */
    void close() {
        if (!isClosed) {
            isClosed = true;
            onClose.run();
        }
    }

    /** Wakes the watch after a change. A watcher with a recent message receives all later changes in one message. */
    @Override
    public void run() {
        if (isAwake.compareAndSet(false, true)) {
            context.runOnContext(nothing -> {
                if (System.nanoTime() - written > MOMENT_MILLIS * 1_000_000L) {
                    wake();
                } else {
                    context.owner().setTimer(MOMENT_MILLIS, timer -> wake());
                }
            });
        }
    }

    private void wake() {
        isAwake.set(false);
        write();
    }

    /** Writes as much as the connection takes. */
    void write() {
        lacksRoom = false;
        int messages = 0;
        while (!isClosed && !isFull() && hasRoom(ENOUGH) && writeSome()) {
            if (++messages == TURN) {
                context.runOnContext(
                        nothing -> write()); // further callers first: a quick reader never fills the connection
                return;
            }
        }
        if (lacksRoom) {
            writeLater();
        }
    }

    /** The bytes after which a message is full. */
    int enough() {
        return connections.mayWrite(connection, PLENTY) ? PLENTY : ENOUGH;
    }

    /** Whether a message of so many bytes may be written now; otherwise the watch tries again later. */
    boolean hasRoom(long bytes) {
        boolean hasRoom = connections.mayWrite(connection, bytes);
        lacksRoom |= !hasRoom;
        return hasRoom;
    }

    /** Further connections, or further answers of this connection, hold all unread bytes. */
    private void writeLater() {
        if (!isPostponed) {
            isPostponed = true;
            context.owner().setTimer(LATER_MILLIS, timer -> {
                isPostponed = false;
                write();
            });
        }
    }

    /** Records a write. */
    void writing(long bytes, Future<Void> write) {
        written = System.nanoTime();
        connections.writing(connection, bytes, write).onFailure(error -> close());
    }

    /** Writes a sign of life after a silence: a peer that is gone is noticed by the write. */
    void beat(long silenceNanos) {
        if (!isClosed
                && System.nanoTime() - written > silenceNanos
                && !isFull()
                && connections.mayWrite(connection, 0)) {
            writeAlive();
        }
    }
}
