package io.tagger.collectors.ecs;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** An HTTP endpoint on this machine, without credentials. Thread-safe. */
final class Endpoint {
    private static final int OK = 200;
    private static final int NOT_FOUND = 404;
    private static final int TOO_MANY = 429;
    private static final int SERVER_ERROR = 500;
    private static final int QUOTED = 200;

    private final String url;
    private final Duration timeout;
    private final TokenBucket bucket;
    private final SourcePause pause;
    private final HttpClient client;

    /**
     * Makes the endpoint, without a request.
     *
     * @param url the URL, without a final slash
     * @param timeout the time for an answer, from the request to the last byte
     * @param bucket the limit of the request rate
     * @param clock the clock for the pauses after failures
     */
    Endpoint(String url, Duration timeout, TokenBucket bucket, Clock clock) {
        this.url = url;
        this.timeout = timeout;
        this.bucket = bucket;
        this.pause = new SourcePause(clock);
        this.client = HttpClient.newBuilder()
                .connectTimeout(timeout)
                .followRedirects(HttpClient.Redirect.NEVER)
                .build();
    }

    /**
     * Sends a request.
     *
     * @param path the path with the query
     * @return the body; empty for an unknown resource (404)
     * @throws IOException if there is no complete answer in time; the message has the URL and the answer
     */
    Optional<byte[]> get(String path) throws IOException, InterruptedException {
        pause.check();
        if (!bucket.take()) {
            throw new IOException(this + " has reached the limit of requests; the next request comes later");
        }
        HttpRequest request = HttpRequest.newBuilder(URI.create(url + path)).build();
        CompletableFuture<HttpResponse<byte[]>> answer =
                client.sendAsync(request, HttpResponse.BodyHandlers.ofByteArray());
        try {
            HttpResponse<byte[]> response = answer.get(timeout.toMillis(), TimeUnit.MILLISECONDS);
            int code = response.statusCode();
            if (code == TOO_MANY || code >= SERVER_ERROR) {
                throw failed(
                        this + " answers GET " + path + " with " + code + ": " + quote(response.body()),
                        response.headers()
                                .firstValue("Retry-After")
                                .map(SourcePause::retryAfter)
                                .orElse(Duration.ZERO),
                        null);
            }
            pause.answered();
            return switch (code) {
                case OK -> Optional.of(response.body());
                case NOT_FOUND -> Optional.empty();
                default ->
                    throw new IOException(
                            this + " answers GET " + path + " with " + code + ": " + quote(response.body()));
            };
        } catch (TimeoutException e) {
            throw failed(this + " does not answer GET " + path + " within " + timeout, Duration.ZERO, e);
        } catch (ExecutionException e) {
            throw failed(this + " can't be asked: " + reason(e.getCause()), Duration.ZERO, e.getCause());
        } finally {
            answer.cancel(true);
        }
    }

    private IOException failed(String why, Duration atLeast, @Nullable Throwable cause) {
        pause.failed(why, atLeast);
        return new IOException(why, cause);
    }

    private static String quote(byte[] body) {
        String text = new String(body, 0, Math.min(body.length, QUOTED), StandardCharsets.UTF_8).strip();
        return text.isEmpty() ? "nothing" : text;
    }

    private static String reason(Throwable failure) {
        return failure.getMessage() == null ? failure.getClass().getSimpleName() : failure.getMessage();
    }

    @Override
    public String toString() {
        return url;
    }
}
