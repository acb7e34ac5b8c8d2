package io.tagger.agent;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.file.FileSystemOptions;
import io.vertx.core.http.HttpClientAgent;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.json.JsonObject;
import io.vertx.core.net.SocketAddress;
import io.vertx.core.parsetools.RecordParser;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;

/** Asks an agent over its socket, for the command line. */
final class AgentClient implements AutoCloseable {
    /** Longer than the agent lets a caller wait for a miss, unless it is configured otherwise. */
    private static final long ANSWER_SECONDS = 30;

    private final Vertx vertx;
    private final HttpClientAgent client;
    private final Path socket;

    AgentClient(Path socket) {
        this.socket = socket;
        vertx = Vertx.vertx(new VertxOptions()
                .setEventLoopPoolSize(1)
                .setWorkerPoolSize(1)
                .setInternalBlockingPoolSize(1)
                .setFileSystemOptions(
                        new FileSystemOptions().setFileCachingEnabled(false).setClassPathResolvingEnabled(false)));
        client = vertx.createHttpClient(new HttpClientOptions());
    }

    /**
     * An answer.
     *
     * @param status the HTTP status
     * @param body the JSON
     */
    record Answer(int status, JsonObject body) {
        /** The JSON of an answer that is no error. */
        JsonObject orFail() {
            if (status != 200) {
                throw new IllegalStateException(error());
            }
            return body;
        }

        /** What an error says. */
        String error() {
            return body.getJsonObject("error", new JsonObject()).getString("message", body.encode());
        }
    }

    static String query(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }

    /**
     * Asks for something.
     *
     * @throws UnreachableException if no agent answers
     */
    Answer get(String path) {
        return await(
                client.request(options(path)).compose(request -> request.send()).compose(response -> response.body()
                        .map(body -> new Answer(response.statusCode(), new JsonObject(body)))));
    }

    /**
     * Follows a stream of JSON lines until it ends.
     *
     * @throws UnreachableException if no agent answers, or it ends the stream
     * @throws IllegalArgumentException if it refuses the request
     */
    void follow(String path, Consumer<JsonObject> lines) {
        CompletableFuture<Void> end = new CompletableFuture<>();
        client.request(options(path))
                .compose(request -> request.send())
                .onFailure(end::completeExceptionally)
                .onSuccess(response -> {
                    if (response.statusCode() != 200) {
                        response.body()
                                .onSuccess(body -> end.completeExceptionally(new IllegalArgumentException(
                                        new Answer(response.statusCode(), new JsonObject(body)).error())));
                        return;
                    }
                    RecordParser.newDelimited("\n", response)
                            .handler(line -> pass(line, lines, end))
                            .exceptionHandler(end::completeExceptionally)
                            .endHandler(nothing -> end.complete(null));
                });
        try {
            end.get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return;
        } catch (ExecutionException e) {
            if (e.getCause() instanceof IllegalArgumentException refused) {
                throw refused;
            }
            throw unreachable(e.getCause());
        }
        throw new UnreachableException("the agent at " + socket + " has ended the stream");
    }

    private static void pass(Buffer line, Consumer<JsonObject> lines, CompletableFuture<Void> end) {
        try {
            lines.accept(new JsonObject(line));
        } catch (RuntimeException e) {
            end.completeExceptionally(e);
        }
    }

    private RequestOptions options(String path) {
        return new RequestOptions()
                .setMethod(HttpMethod.GET)
                .setServer(SocketAddress.domainSocketAddress(socket.toString()))
                .setHost("localhost")
                .setPort(80)
                .setURI(path);
    }

    private <T> T await(Future<T> future) {
        try {
            return future.toCompletionStage().toCompletableFuture().get(ANSWER_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new UnreachableException("interrupted while the agent at " + socket + " was asked");
        } catch (TimeoutException e) {
            throw new UnreachableException(
                    "the agent at " + socket + " has not answered within " + ANSWER_SECONDS + " s");
        } catch (ExecutionException e) {
            throw unreachable(e.getCause());
        }
    }

    private UnreachableException unreachable(Throwable cause) {
        if (!Files.exists(socket)) {
            return new UnreachableException("no agent: there is no socket " + socket
                    + "; start one with 'tagger run', or name its socket with --socket");
        }
        return new UnreachableException("no agent answers at " + socket + ": " + cause.getMessage());
    }

    @Override
    public void close() {
        await(vertx.close());
    }
}
