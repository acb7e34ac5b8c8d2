package io.tagger.datadog;

import io.tagger.api.EntityFilter;
import io.tagger.api.Subscription;
import io.tagger.api.Tagger;
import io.tagger.datadog.wire.StreamTagsRequest;
import io.tagger.datadog.wire.StreamTagsResponse;
import io.vertx.core.Context;
import io.vertx.core.buffer.Buffer;
import io.vertx.grpc.common.GrpcStatus;
import io.vertx.grpc.server.GrpcServerResponse;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The events of one client, from the call to the end of the call. The protocol has no mark behind the present entities, and the
 * first response with an event replaces the client's whole store: so the stream does not subscribe before the collectors have
 * synced, or their time is over, and the first response waits for all entities of that moment. Runs on the event loop.
 */
final class TagStream {
    private final Context context;
    private final GrpcServerResponse<Buffer, StreamTagsResponse> response;
    private final Tagger tagger;
    private final UnreadBytes unread;
    private final Consumer<TagStream> onClose;
    private final PendingEvents pending;
    private final AtomicBoolean isWriteDue = new AtomicBoolean(); // on the event loop
    private @Nullable Subscription subscription;
    private boolean isOpen;
    private boolean isClosed;
    private int sending; // bytes of the response that the client has not taken; 0 for none
    private long lastSend = System.nanoTime();

    /**
     * Makes a stream that sends nothing yet.
     *
     * @param unread the bound of the bytes that all clients have not taken
     * @param onClose runs once, at the end of the stream
     */
    TagStream(
            Context context,
            GrpcServerResponse<Buffer, StreamTagsResponse> response,
            StreamTagsRequest request,
            Tagger tagger,
            UnreadBytes unread,
            Consumer<TagStream> onClose) {
        this.context = context;
        this.response = response;
        this.tagger = tagger;
        this.unread = unread;
        this.onClose = onClose;
        Set<String> kinds = request.getPrefixesCount() == 0 ? Events.KNOWN : Set.copyOf(request.getPrefixesList());
        pending = new PendingEvents(kinds, tagger, this::wake);
    }

    /** Sends the headers, awaited by some clients. */
    void begin() {
        response.writeHead();
    }

    /**
     * Begins to send, if the time has come.
     *
     * @param isDue whether the collectors have synced, or their time is over
     * @return whether the stream sends from now on, or is over
     */
    boolean open(boolean isDue) {
        if (isDue && subscription == null && !isClosed) {
            subscription = tagger.subscribe(EntityFilter.all(), pending);
        }
        if (!isOpen && subscription != null && pending.isListed()) {
            pending.arrange();
            isOpen = true;
            write();
        }
        return isOpen || isClosed;
    }

    private void wake() {
        if (isWriteDue.compareAndSet(false, true)) {
            context.runOnContext(nothing -> write());
        }
    }

    /** Sends the next response, unless the client has to take the last one first. */
    void write() {
        isWriteDue.set(false);
        if (isOpen && !isClosed && sending == 0 && unread.hasRoom()) {
            pending.take().ifPresent(this::send);
        }
    }

    private void send(StreamTagsResponse next) {
        int bytes = 1 + next.getSerializedSize();
        sending = bytes;
        unread.add(bytes);
        lastSend = System.nanoTime();
        try {
            response.write(next).onComplete(taken -> {
                settle();
                if (taken.failed()) {
                    close();
                } else {
                    write();
                }
            });
        } catch (RuntimeException e) { // the client has ended the call
            close();
        }
    }

    /** Gives the room of the last response back; no effect without such a response. */
    private void settle() {
        int taken = sending;
        sending = 0;
        unread.remove(taken);
    }

    /**
     * Keeps a quiet stream alive, and ends the stream of a client without a reader.
     *
     * @param now the time of {@link System#nanoTime}
     * @param quiet the longest time without a response; then an empty response follows
     * @param send the longest time for the taking of a response
     */
    void beat(long now, long quiet, long send) {
        if (sending > 0 && now - lastSend > send) {
            response.cancel();
            close();
        } else if (sending == 0 && now - lastSend >= quiet) {
            send(StreamTagsResponse.getDefaultInstance());
        }
    }

    /** Ends the stream before the end of the server; the client connects again. */
    void end() {
        if (isClosed) {
            return;
        }
        boolean isStuck = sending > 0; // a status would wait behind the response
        close();
        if (isStuck) {
            response.cancel();
        } else {
            response.status(GrpcStatus.UNAVAILABLE)
                    .statusMessage("the tagger ends")
                    .end();
        }
    }

    void close() {
        if (isClosed) {
            return;
        }
        isClosed = true;
        if (subscription != null) {
            subscription.close();
        }
        settle(); // the response of an ended call is dropped
        onClose.accept(this);
    }
}
