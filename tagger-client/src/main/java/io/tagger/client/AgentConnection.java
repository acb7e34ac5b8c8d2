package io.tagger.client;

import io.tagger.api.Cardinality;
import io.tagger.api.EntityId;
import io.tagger.api.TaggerStatus;
import io.tagger.client.origin.OwnClaim;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The connections to an agent, for a program with a few questions and no need for a {@link ClientTagger} with a replica.
 * Connections are opened on demand; one thread serves all. Thread-safe.
 *
 * <p>All futures fail with an {@link AgentException}. The client's thread completes the futures, so do not block there.
 */
public final class AgentConnection implements AutoCloseable {
    private static final Path PROCESSES = Path.of("/proc");
    private static final Path CGROUPS = Path.of("/sys/fs/cgroup");

    private final Endpoint endpoint;
    private final EventLoop loop;
    private final ByteBuffer incoming = Link.buffer();
    private final ConnectionPool pool;
    private final Set<CompletableFuture<?>> underWay = ConcurrentHashMap.newKeySet();
    private volatile boolean isClosed;

    private AgentConnection(Endpoint endpoint) {
        this.endpoint = endpoint;
        loop = new EventLoop("tagger-client");
        pool = new ConnectionPool(loop, endpoint, incoming);
    }

    /**
     * Makes a connection; the first call opens the connection.
     *
     * @param endpoint where the agent serves
     * @return the connection; the caller closes the connection
     */
    public static AgentConnection to(Endpoint endpoint) {
        return new AgentConnection(endpoint);
    }

    /**
     * The tags of an entity, as soon as they are complete. On a miss the agent asks its collectors.
     *
     * @param entity the entity
     * @param cardinality the level
     * @param wait the longest wait of the agent for complete tags, up to 30 s; zero for none
     * @param deadline how long to wait for the agent, longer than the wait
     * @return the answer; an unknown entity is an {@link AgentException#unknownEntity}
     */
    public CompletableFuture<TagAnswer> tag(
            EntityId entity, Cardinality cardinality, Duration wait, Duration deadline) {
        return ask(
                "/v1/tags?entity=" + encoded(entity.toString()) + "&cardinality=" + cardinality + wait(wait),
                "",
                Answers::tags,
                wait.isZero(),
                deadline);
    }

    /**
     * The tags of an entity by level and by source, as soon as they are complete. On a miss the agent asks its
     * collectors.
     *
     * @param entity the entity
     * @param wait the longest wait of the agent for complete tags, up to 30 s; zero for none
     * @param deadline how long to wait for the agent, longer than the wait
     * @return the answer; an unknown entity is an {@link AgentException#unknownEntity}
     */
    public CompletableFuture<EntityReport> entity(EntityId entity, Duration wait, Duration deadline) {
        return ask(
                "/v1/entity?entity=" + encoded(entity.toString()) + wait(wait),
                "",
                Answers::entity,
                wait.isZero(),
                deadline);
    }

    /**
     * The entity of this process, with its tags. The kernel tells the agent which process asks; the request also says
     * what this process knows of its own container.
     *
     * @param cardinality the level
     * @param wait the longest wait of the agent for complete tags, up to 30 s; zero for none
     * @param deadline how long to wait for the agent, longer than the wait
     * @return the answer; {@link AgentException#unknownEntity} if nobody can tell
     */
    public CompletableFuture<OriginAnswer> self(Cardinality cardinality, Duration wait, Duration deadline) {
        return ask(
                "/v1/self?cardinality=" + cardinality + wait(wait), claim(), Answers::origin, wait.isZero(), deadline);
    }

    /**
     * The attributes of an entity, or of this process's entity, by OpenTelemetry's semantic conventions.
     *
     * @param entity the entity; empty for this process's
     * @param wait the longest wait of the agent for complete tags, up to 30 s; zero for none
     * @param deadline how long to wait for the agent, longer than the wait
     * @return the answer; {@link AgentException#unknownEntity} if no collector knows the entity, or nobody can tell
     */
    public CompletableFuture<ResourceAnswer> resource(Optional<EntityId> entity, Duration wait, Duration deadline) {
        return ask(
                "/v1/resource?entity="
                        + entity.map(id -> encoded(id.toString())).orElse("self") + wait(wait),
                claim(),
                ResourceAnswer::read,
                wait.isZero(),
                deadline);
    }

    private static String claim() {
        String localData = OwnClaim.of(PROCESSES, CGROUPS);
        return localData.isEmpty() ? "" : "Tagger-Local-Data: " + localData + "\r\n";
    }

    /**
     * The state of the agent and of its collectors.
     *
     * @param deadline how long to wait
     * @return the answer
     */
    public CompletableFuture<TaggerStatus> status(Duration deadline) {
        return ask("/v1/collectors", "", StatusAnswer::of, false, deadline);
    }

    /**
     * The questions and changes of an operator.
     *
     * @return the operator's part of this connection
     */
    public AgentOperator operator() {
        return new AgentOperator(this);
    }

    /**
     * All entities, one by one.
     *
     * @param prefixes the kinds; an empty list means all kinds
     * @param entities takes each entity, on the client's thread
     * @return completed when all entities have come
     */
    public CompletableFuture<Void> list(List<String> prefixes, Consumer<EntityReport> entities) {
        CompletableFuture<Void> end = underWay(new CompletableFuture<>());
        stream("/v1/entities?sources=true" + prefixes(prefixes), new LineStream.Receiver() {
            @Override
            public void lines(byte[] bytes, int from, int to) {
                JsonReader json = new JsonReader(bytes, from, to);
                while (json.hasLine()) {
                    entities.accept(Answers.entity(json));
                }
            }

            @Override
            public void ended() {
                end.complete(null);
            }

            @Override
            public void failed(AgentException reason) {
                end.completeExceptionally(reason);
            }
        });
        return end;
    }

    /**
     * The present entities, and then the changes.
     *
     * @param prefixes the kinds; an empty list means all kinds
     * @param cardinality the level of the tags
     * @param events takes the events, on the client's thread
     * @return fails when the agent is lost
     */
    public CompletableFuture<Void> watch(List<String> prefixes, Cardinality cardinality, WatchEvents events) {
        CompletableFuture<Void> end = underWay(new CompletableFuture<>());
        watch("true", prefixes, cardinality, "", events, end::completeExceptionally);
        return end;
    }

    /** Begins a watch of the sources alone, with the tags of all levels; the handle is for the client's thread. */
    Watch watchSources(List<String> prefixes, String token, WatchEvents events, Consumer<AgentException> lost) {
        return watch("compact", prefixes, Cardinality.HIGH, token, events, lost);
    }

    private Watch watch(
            String sources,
            List<String> prefixes,
            Cardinality cardinality,
            String token,
            WatchEvents events,
            Consumer<AgentException> lost) {
        WatchReader reader = new WatchReader(events);
        Watch watch = new Watch();
        String path = "/v1/watch?sources=" + sources + "&cardinality=" + cardinality + prefixes(prefixes)
                + (token.isEmpty() ? "" : "&resume=" + encoded(token));
        watch.response = stream(path, new LineStream.Receiver() {
            @Override
            public void lines(byte[] bytes, int from, int end) {
                reader.lines(bytes, from, end);
            }

            @Override
            public void ended() {
                lost.accept(AgentException.unreachable("the agent at " + endpoint + " has ended the watch"));
            }

            @Override
            public void failed(AgentException reason) {
                lost.accept(reason);
            }
        });
        return watch;
    }

    /** A watch under way. */
    final class Watch {
        private volatile @Nullable LineStream response;

        /** Ends the watch: no event follows. On the client's thread. */
        void close() {
            on(LineStream::close);
        }

        /** Reads no more events, so that the agent folds the changes. */
        void pause() {
            on(lines -> lines.connection().pause());
        }

        /** Reads events again. On the client's thread. */
        void resume() {
            on(lines -> lines.connection().resume());
        }

        /** Runs a task on the client's thread. From any thread. */
        void later(Runnable task) {
            loop.execute(task);
        }

        private void on(Consumer<LineStream> action) {
            LineStream lines = response;
            if (lines != null) {
                action.accept(lines);
            }
        }
    }

    /** The thread and the timers of this connection. */
    EventLoop loop() {
        return loop;
    }

    /** Closes the idle connections: the socket now belongs to another agent. On the client's thread. */
    void closeIdle() {
        pool.closeIdle();
    }

    static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }

    private static String wait(Duration wait) {
        return wait.isZero() ? "" : "&wait=" + wait.toMillis() + "ms";
    }

    private static String prefixes(List<String> prefixes) {
        StringBuilder query = new StringBuilder();
        prefixes.forEach(prefix -> query.append("&prefix=").append(encoded(prefix)));
        return query.toString();
    }

    /**
     * A request.
     *
     * @param headers further headers, each with its end of line
     */
    record Request(String method, String path, String headers) {}

    /** The bytes of a request; the token is read anew for each request, because the file may have changed. */
    private byte[] bytes(Request request) throws IOException {
        String token = "";
        String host = "localhost";
        if (endpoint instanceof Endpoint.Tcp tcp) {
            host = tcp.host() + ":" + tcp.port();
            if (tcp.token().isPresent()) {
                token = "Authorization: Bearer "
                        + Files.readString(tcp.token().get()).strip() + "\r\n";
            }
        }
        return (request.method + " " + request.path + " HTTP/1.1\r\nHost: " + host + "\r\n" + token + request.headers
                        + "\r\n")
                .getBytes(StandardCharsets.ISO_8859_1);
    }

    private <T> CompletableFuture<T> ask(
            String path, String headers, Function<JsonReader, T> reader, boolean mayQueue, Duration deadline) {
        return ask(new Request("GET", path, headers), reader, mayQueue, deadline);
    }

    <T> CompletableFuture<T> ask(Request request, Function<JsonReader, T> reader, boolean mayQueue, Duration deadline) {
        CompletableFuture<T> answer = underWay(new CompletableFuture<>());
        byte[] bytes;
        try {
            bytes = bytes(request);
        } catch (IOException e) {
            answer.completeExceptionally(unreadableToken(e));
            return answer;
        }
        ConnectionPool.Question question =
                new ConnectionPool.Question(bytes, mayQueue, new WholeAnswer<>(endpoint, reader, answer));
        loop.execute(() -> {
            EventLoop.Timer timer = loop.after(
                    deadline,
                    () -> answer.completeExceptionally(AgentException.unreachable(
                            "the agent at " + endpoint + " does not answer within " + deadline.toMillis() + " ms")));
            // Also if the caller has completed the future.
            answer.whenComplete((value, error) -> loop.execute(() -> {
                timer.cancel();
                pool.giveUp(question);
            }));
            pool.ask(question);
        });
        return answer;
    }

    /** Notes a call, to be failed by the close. */
    private <F extends CompletableFuture<?>> F underWay(F call) {
        underWay.add(call);
        call.whenComplete((value, error) -> underWay.remove(call));
        if (isClosed) {
            failCalls();
        }
        return call;
    }

    private void failCalls() {
        underWay.forEach(call -> call.completeExceptionally(
                AgentException.unreachable("the connection to the agent at " + endpoint + " is closed")));
    }

    private AgentException unreadableToken(IOException e) {
        return new AgentException(0, "", "the token for the agent at " + endpoint + " can't be read: " + e, e);
    }

    /** Begins an endless answer; null if there is no token to ask with, which the receiver learns. */
    private @Nullable LineStream stream(String path, LineStream.Receiver receiver) {
        byte[] bytes;
        try {
            bytes = bytes(new Request("GET", path, ""));
        } catch (IOException e) {
            loop.execute(() -> receiver.failed(unreadableToken(e)));
            return null;
        }
        LineStream lines = new LineStream(endpoint, new HttpConnection(loop, endpoint, incoming), receiver);
        loop.execute(() -> lines.connection().ask(bytes, lines));
        return lines;
    }

    /** The error in words for an operator: the fault and the remedy. */
    AgentException failure(Throwable error) {
        return LinkErrors.failure(endpoint, error);
    }

    /** Closes all connections; calls under way fail. A second close has no effect. */
    @Override
    public void close() {
        isClosed = true;
        loop.close();
        failCalls();
    }
}
