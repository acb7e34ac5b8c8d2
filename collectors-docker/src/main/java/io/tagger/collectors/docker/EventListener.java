package io.tagger.collectors.docker;

import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MappingIterator;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.github.dockerjava.transport.DockerHttpClient;
import io.tagger.api.collector.CollectorUnavailableException;
import io.tagger.collectors.common.ForeignId;
import io.tagger.collectors.common.RootCause;
import java.io.Closeable;
import java.io.EOFException;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;

/** Reads the daemon's events on a separate thread, and turns the events into tasks. */
final class EventListener implements Runnable, Closeable {
    /** Closing an endless body would read the body to the end; only closing the response ends the connection. */
    private static final ObjectMapper JSON =
            JsonMapper.builder().disable(StreamReadFeature.AUTO_CLOSE_SOURCE).build();

    private final Callable<DockerHttpClient.Response> subscription;
    private final InspectQueue<Task> inspects;
    private final Logger log;
    private final CompletableFuture<DockerHttpClient.Response> started = new CompletableFuture<>();
    private final BlockingQueue<Boolean> ended = new LinkedBlockingQueue<>();
    private volatile @Nullable Throwable failure;

    /**
     * Makes a listener without a subscription.
     *
     * @param subscription subscribes, on the thread of {@link #run}
     * @param inspects receives the tasks
     * @param log receives the events, at the level debug
     */
    EventListener(Callable<DockerHttpClient.Response> subscription, InspectQueue<Task> inspects, Logger log) {
        this.subscription = subscription;
        this.inspects = inspects;
        this.log = log;
    }

    /** Subscribes, and reads events until the end of the stream. */
    @Override
    public void run() {
        try (DockerHttpClient.Response response = subscription.call()) {
            if (!started.complete(response)) {
                return; // closed meanwhile
            }
            try (MappingIterator<JsonNode> events =
                    JSON.readerFor(JsonNode.class).readValues(response.getBody())) {
                while (events.hasNextValue()) {
                    onEvent(events.nextValue());
                }
            }
            throw new EOFException("the daemon has closed the stream of events");
        } catch (Throwable e) { // the stream that owns this listener rethrows the error
            failure = e;
            started.completeExceptionally(e);
            wake();
        }
    }

    private void onEvent(JsonNode event) {
        JsonNode actor = event.path("Actor");
        String id = text(actor.path("ID"), event.path("id"));
        String action = text(event.path("Action"), event.path("status"));
        if (!ForeignId.isUsable(id)) {
            return;
        }
        switch (action) {
            case "start" -> add(id, action, Task.started(DockerContainer.ofEvent(id, actor.path("Attributes"))));
            case "rename", "update" -> add(id, action, Task.LOOK_AGAIN);
            case "die", "died", "destroy", "remove" -> add(id, action, Task.DROP);
            default -> {
                // The subscription filters, but some daemons send further events all the same.
            }
        }
    }

    private void add(String id, String action, Task task) {
        log.debug("event {} of container {}", action, id);
        inspects.add(id, task);
    }

    private static String text(JsonNode first, JsonNode second) {
        return first.asText("").isEmpty() ? second.asText("") : first.asText("");
    }

    /** Wakes the stream for a look at the events. */
    void wake() {
        ended.add(true);
    }

    /** Waits until the daemon has taken the subscription. */
    void awaitSubscribed(Duration timeout) throws InterruptedException, CollectorUnavailableException {
        try {
            started.get(timeout.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            throw CollectorUnavailableException.retry(
                    "the Docker daemon sent no answer to the request for events within " + timeout.toMillis() + " ms");
        } catch (ExecutionException e) {
            throw CollectorUnavailableException.retry(
                    "the Docker daemon refuses the request for events: " + RootCause.words(e));
        }
    }

    /** Waits for the end of the stream; false if the stream goes on after the timeout. */
    boolean awaitEnd(Duration timeout) throws InterruptedException {
        return ended.poll(timeout.toMillis(), TimeUnit.MILLISECONDS) != null;
    }

    @Nullable
    Throwable failure() {
        return failure;
    }

    /** Ends the subscription. */
    @Override
    public void close() {
        started.cancel(false);
        if (!started.isCompletedExceptionally()) {
            started.join().close();
        }
    }
}
