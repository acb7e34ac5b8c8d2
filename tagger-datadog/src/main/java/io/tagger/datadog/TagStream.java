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
import org.jspecify.annotations.Nullable;

/**
 * The events of one client, from the call to the end of the call. The protocol has no mark behind the present entities, and the
 * first response with an event replaces the client's whole store: so no event is sent before the collectors have synced, or their time is
 * over. Runs on the event loop.
 */
final class TagStream {
    private final Context context;
    private final GrpcServerResponse<Buffer, StreamTagsResponse> response;
    private final PendingEvents pending;
    private final AtomicBoolean isWriting = new AtomicBoolean(); // a write is due on the event loop
    private @Nullable Subscription subscription;
    private boolean isOpen;
    private boolean isClosed;
    private boolean isSending;
    private long lastSend = System.nanoTime();

    TagStream(Context context, GrpcServerResponse<Buffer, StreamTagsResponse> response, StreamTagsRequest request) {
        this.context = context;
        this.response = response;
        Set<String> kinds = request.getPrefixesCount() == 0 ? Events.KNOWN : Set.copyOf(request.getPrefixesList());
        pending = new PendingEvents(kinds, this::wake);
    }

    /** Sends the headers, awaited by some clients, and begins to listen. */
    void begin(Tagger tagger) {
        response.writeHead();
        subscription = tagger.subscribe(EntityFilter.all(), pending);
    }

    /**
     * Begins to send, if the time has come.
     *
     * @param isDue whether the collectors have synced, or their time is over
     * @return whether the stream sends from now on, or is over
     */
    boolean open(boolean isDue) {
        if (!isOpen && isDue && pending.isListed()) {
            pending.arrange();
            isOpen = true;
            write();
        }
        return isOpen || isClosed;
    }

    private void wake() {
        if (isWriting.compareAndSet(false, true)) {
            context.runOnContext(nothing -> write());
        }
    }

    private void write() {
        isWriting.set(false);
        if (!isOpen || isClosed) {
            return;
        }
        if (!isSending) {
            pending.take().ifPresent(this::send);
        }
    }

    /** Sends a response. The next one follows when the client has taken this one. */
    private void send(StreamTagsResponse next) {
        isSending = true;
        lastSend = System.nanoTime();
        response.write(next).onComplete(taken -> {
            isSending = false;
            write();
        });
    }

    /**
     * Keeps a quiet stream alive, and ends the stream of a client without a reader.
     *
     * @param now the time of {@link System#nanoTime}
     * @param quiet the longest time without a response; then an empty response follows
     * @param send the longest time for the taking of a response
     * @return whether the stream goes on
     */
    boolean beat(long now, long quiet, long send) {
        if (isSending && now - lastSend > send) {
            close();
            response.cancel();
        } else if (!isSending && now - lastSend >= quiet) {
            send(StreamTagsResponse.getDefaultInstance());
        }
        return !isClosed;
    }

    /** Ends the stream before the end of the server; the client connects again. */
    void end() {
        if (!isClosed) {
            close();
            response.status(GrpcStatus.UNAVAILABLE)
                    .statusMessage("the tagger ends")
                    .end();
        }
    }

    void close() {
        isClosed = true;
        if (subscription != null) {
            subscription.close();
        }
    }
}
