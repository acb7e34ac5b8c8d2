package io.tagger.datadog;

import io.tagger.api.Tagger;
import io.tagger.datadog.wire.StreamTagsRequest;
import io.tagger.datadog.wire.StreamTagsResponse;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpConnection;
import io.vertx.grpc.server.GrpcServerRequest;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The streams under way. Runs on the event loop. */
final class Streams {
    private static final Logger LOG = LoggerFactory.getLogger(Streams.class);

    /** One machine has about ten Datadog processes. */
    private static final int MOST = 64;

    private static final long LOOK_MILLIS = 50;
    private static final int LONGEST_NAME = 100;

    private final Vertx vertx;
    private final Tagger tagger;
    private final DatadogSettings.Times times;
    private final long begin = System.nanoTime();
    private final UnreadBytes unread = new UnreadBytes(this::write);
    private final Map<TagStream, HttpConnection> streams = new LinkedHashMap<>();

    Streams(Vertx vertx, Tagger tagger, DatadogSettings.Times times) {
        this.vertx = vertx;
        this.tagger = tagger;
        this.times = times;
        long shortest = Math.min(times.quiet().toMillis(), times.send().toMillis());
        vertx.setPeriodic(Math.max(1, shortest / 9), timer -> beat());
    }

    /**
     * Begins a stream.
     *
     * @return false if there are too many
     */
    boolean begin(GrpcServerRequest<Buffer, StreamTagsResponse> request, StreamTagsRequest question) {
        if (streams.size() >= MOST) {
            return false;
        }
        TagStream stream = new TagStream(
                vertx.getOrCreateContext(), request.response(), question, tagger, unread, streams::remove);
        stream.begin();
        streams.put(stream, request.connection());
        request.errorHandler(error -> stream.close()); // the client has ended the call
        request.exceptionHandler(error -> stream.close());
        request.response().exceptionHandler(error -> stream.close());
        LOG.info("a Datadog process takes its tags from here: {}", shown(question.getStreamingID()));
        open(stream);
        return true;
    }

    private static String shown(String name) {
        String clean = name.replaceAll("[^\\w:.-]", "?");
        return clean.isEmpty() ? "(no name)" : clean.substring(0, Math.min(clean.length(), LONGEST_NAME));
    }

    /** Looks again and again whether the stream may begin to send. */
    private void open(TagStream stream) {
        boolean isOver = System.nanoTime() - begin >= times.hold().toNanos();
        if (!stream.open(isOver || tagger.status().ready())) {
            vertx.setTimer(LOOK_MILLIS, timer -> open(stream));
        }
    }

    private void beat() {
        long now = System.nanoTime();
        // An early beat is harmless, a late one ends the stream.
        long quiet = times.quiet().toNanos() * 8 / 9;
        forEach(stream -> stream.beat(now, quiet, times.send().toNanos()));
    }

    private void write() {
        forEach(TagStream::write);
    }

    /** The longest time for the taking of an answer. */
    Duration longestSend() {
        return times.send();
    }

    /** Ends the streams of a closed connection. */
    void closed(HttpConnection connection) {
        forEach(stream -> {
            if (connection.equals(streams.get(stream))) {
                stream.close();
            }
        });
    }

    /** Ends all streams, before the end of the server. */
    void end() {
        forEach(TagStream::end);
    }

    /** Does something with each stream; the failure of a stream ends that stream alone. */
    private void forEach(Consumer<TagStream> task) {
        for (TagStream stream : List.copyOf(streams.keySet())) {
            try {
                task.accept(stream);
            } catch (RuntimeException e) {
                LOG.warn("the stream of a Datadog process failed", e);
                stream.close();
            }
        }
    }
}
