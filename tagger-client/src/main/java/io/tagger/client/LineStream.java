package io.tagger.client;

import java.io.ByteArrayOutputStream;
import java.io.IOException;

/** The lines of an answer, on a connection of its own. On the client's thread. */
final class LineStream implements HttpConnection.Response {
    /** Receives the lines of an endless answer. */
    interface Receiver {
        void lines(byte[] bytes, int from, int end);

        void ended();

        void failed(AgentException reason);
    }

    private final Endpoint endpoint;
    private final Receiver receiver;
    private final LineSplitter splitter;
    private final ByteArrayOutputStream error = new ByteArrayOutputStream();
    private final HttpConnection connection;
    private int status;
    private boolean isClosed;

    LineStream(Endpoint endpoint, HttpConnection connection, Receiver receiver) {
        this.endpoint = endpoint;
        this.connection = connection;
        this.receiver = receiver;
        splitter = new LineSplitter(this::lines);
    }

    HttpConnection connection() {
        return connection;
    }

    void close() {
        isClosed = true;
        connection.close();
    }

    private void lines(byte[] bytes, int from, int end) {
        if (!isClosed) {
            receiver.lines(bytes, from, end);
        }
    }

    @Override
    public void begin(int code) {
        status = code;
    }

    @Override
    public void bytes(byte[] bytes, int from, int end) throws IOException {
        if (status == 200) {
            splitter.take(bytes, from, end);
        } else if (error.size() < LinkErrors.SHOWN_BYTES) {
            error.write(bytes, from, end - from);
        }
    }

    @Override
    public void end() {
        connection.close();
        if (isClosed) {
            return;
        }
        if (status != 200) {
            receiver.failed(LinkErrors.refusal(endpoint, status, error.toByteArray()));
            return;
        }
        try {
            splitter.end();
        } catch (IOException e) {
            receiver.failed(LinkErrors.failure(endpoint, e));
            return;
        }
        receiver.ended();
    }

    @Override
    public void failed(Exception reason, boolean isStale) {
        if (!isClosed) {
            receiver.failed(
                    reason instanceof JsonReader.Malformed
                            ? LinkErrors.unusable(endpoint, reason)
                            : LinkErrors.failure(endpoint, reason));
        }
    }
}
