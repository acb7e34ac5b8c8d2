package io.tagger.client;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;

/** The whole body of an answer, up to a bound, read when it has come. On the client's thread. */
final class WholeAnswer<T> implements HttpConnection.Response {
    /** Room for one entity with all tags; the protocol sets no limit on the tags of a source. */
    private static final int MOST_BYTES = 64 << 20;

    private final Endpoint endpoint;
    private final Function<JsonReader, T> reader;
    private final CompletableFuture<T> answer;
    private final ByteArrayOutputStream body = new ByteArrayOutputStream();
    private int status;

    WholeAnswer(Endpoint endpoint, Function<JsonReader, T> reader, CompletableFuture<T> answer) {
        this.endpoint = endpoint;
        this.reader = reader;
        this.answer = answer;
    }

    @Override
    public void begin(int code) {
        status = code;
    }

    @Override
    public void bytes(byte[] bytes, int from, int end) throws IOException {
        if (body.size() + (end - from) > MOST_BYTES) {
            throw new IOException("the agent's answer has more than " + (MOST_BYTES >> 20) + " MB");
        }
        body.write(bytes, from, end - from);
    }

    @Override
    public void end() {
        if (status != 200) {
            answer.completeExceptionally(LinkErrors.refusal(endpoint, status, body.toByteArray()));
            return;
        }
        try {
            answer.complete(reader.apply(new JsonReader(body.toByteArray())));
        } catch (RuntimeException e) {
            answer.completeExceptionally(LinkErrors.unusable(endpoint, e));
        }
    }

    @Override
    public void failed(Exception reason, boolean isStale) {
        answer.completeExceptionally(LinkErrors.failure(endpoint, reason));
    }
}
