package io.tagger.datadog;

import io.tagger.api.Tagger;
import io.tagger.datadog.wire.StreamTagsRequest;
import io.tagger.datadog.wire.StreamTagsResponse;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpConnection;
import io.vertx.grpc.server.GrpcServerRequest;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
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
        TagStream stream = new TagStream(vertx.getOrCreateContext(), request.response(), question);
        streams.put(stream, request.connection());
        request.exceptionHandler(error -> close(stream));
        request.response().exceptionHandler(error -> close(stream));
        LOG.info("a Datadog process takes its tags from here: {}", shown(question.getStreamingID()));
        stream.begin(tagger);
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
        List.copyOf(streams.keySet()).forEach(stream -> {
            // An early beat is harmless, a late one ends the stream.
            if (!stream.beat(now, times.quiet().toNanos() * 8 / 9, times.send().toNanos())) {
                streams.remove(stream);
            }
        });
    }

    private void close(TagStream stream) {
        stream.close();
        streams.remove(stream);
    }

    /** Ends the streams of a closed connection. */
    void closed(HttpConnection connection) {
        List.copyOf(streams.keySet()).stream()
                .filter(stream -> connection.equals(streams.get(stream)))
                .forEach(this::close);
    }

    /** Ends all streams, before the end of the server. */
    void end() {
        streams.keySet().forEach(TagStream::end);
        streams.clear();
    }

    /** The number of streams. */
    int count() {
        return streams.size();
    }
}
