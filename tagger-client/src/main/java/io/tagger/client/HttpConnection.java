package io.tagger.client;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** A connection with at most one request under way. On the thread of the loop. */
final class HttpConnection implements Link.Receiver {
    private final Link link;
    private final ResponseParser parser = new ResponseParser(new Parts());
    private byte @Nullable [] request; // until the connection stands
    private @Nullable Response response; // null while idle
    private boolean isConnected;
    private boolean isLost;
    private Exception lossReason = new EOFException("the connection is closed");
    private final EventLoop loop;
    private boolean isReused;
    private boolean hasBegun;
    private Runnable whenLost = () -> {};

    /** Receives the response to a request; either {@link #end} or {@link #failed} is the last call. */
    interface Response extends ResponseParser.Body {
        /**
         * There is no response, or a part of a response.
         *
         * @param isStale whether the connection was used before and ended without a byte, so that the same request may
         *     succeed on a new connection
         */
        void failed(Exception reason, boolean isStale);
    }

    HttpConnection(EventLoop loop, Endpoint endpoint, ByteBuffer incoming) {
        this.loop = loop;
        link = Link.open(loop, endpoint, incoming, this);
    }

    /** Sets the action at a loss while idle. */
    void whenLost(Runnable action) {
        whenLost = action;
    }

    /** Sends a request; the connection is idle. */
    void ask(byte[] bytes, Response receiver) {
        if (isLost) {
            loop.execute(() -> receiver.failed(lossReason, false));
            return;
        }
        isReused = hasBegun;
        hasBegun = true;
        response = receiver;
        if (isConnected) {
            link.send(bytes);
        } else {
            request = bytes;
        }
    }

    /** Whether a further request may follow. */
    boolean isUsable() {
        return !isLost && response == null && parser.keepsAlive();
    }

    /** Whether the connection stands. */
    boolean isConnected() {
        return isConnected && !isLost;
    }

    void pause() {
        link.pause();
    }

    void resume() {
        link.resume();
    }

    /** Closes the connection without a call. A second close has no effect. */
    void close() {
        isLost = true;
        response = null;
        link.close();
    }

    @Override
    public void connected() {
        isConnected = true;
        byte[] waiting = request;
        request = null;
        if (waiting != null) {
            link.send(waiting);
        }
    }

    @Override
    public void received(byte[] bytes, int from, int end) {
        if (response == null) {
            close(); // an answer without a request
            whenLost.run();
            return;
        }
        isReused = false;
        try {
            parser.take(bytes, from, end);
        } catch (IOException | RuntimeException e) {
            lost(e);
        }
    }

    @Override
    public void lost(Exception reason) {
        if (isLost) {
            return;
        }
        Response waiting = response;
        boolean isStale = isReused;
        lossReason = reason;
        close();
        if (waiting == null) {
            whenLost.run();
        } else if (reason instanceof EOFException && parser.endsWithConnection()) {
            try {
                waiting.end();
            } catch (IOException | RuntimeException e) {
                waiting.failed(e, false);
            }
        } else {
            waiting.failed(reason, isStale);
        }
    }

    /** Passes the parts on, and frees the connection before the end is told. */
    private final class Parts implements ResponseParser.Body {
        private Response current() throws IOException {
            Response now = response;
            if (now == null) {
                throw new IOException("the agent answers without a request");
            }
            return now;
        }

        @Override
        public void begin(int status) throws IOException {
            current().begin(status);
        }

        @Override
        public void bytes(byte[] bytes, int from, int end) throws IOException {
            if (!isLost) { // closed by the receiver in the middle of the bytes
                current().bytes(bytes, from, end);
            }
        }

        @Override
        public void end() throws IOException {
            if (!isLost) {
                Response now = current();
                response = null;
                now.end();
            }
        }
    }
}
