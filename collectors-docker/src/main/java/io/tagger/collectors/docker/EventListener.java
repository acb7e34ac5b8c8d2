package io.tagger.collectors.docker;

import com.github.dockerjava.api.async.ResultCallback;
import com.github.dockerjava.api.model.Event;
import io.tagger.collectors.common.RootCause;
import io.tagger.collectors.docker.Inspections.Action;
import java.io.Closeable;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** Turns the daemon's events into actions, on the thread that reads the events. */
final class EventListener extends ResultCallback.Adapter<Event> {
    private final Inspections inspections;
    private final CompletableFuture<Void> started = new CompletableFuture<>();
    private final BlockingQueue<Boolean> ended = new LinkedBlockingQueue<>();
    private volatile @Nullable Throwable failure;

    EventListener(Inspections inspections) {
        this.inspections = inspections;
    }

    @Override
    public void onNext(Event event) {
        String id = event.getActor() == null ? event.getId() : event.getActor().getId();
        String action = event.getAction() == null ? event.getStatus() : event.getAction();
        if (id == null || action == null) {
            return;
        }
        switch (action) {
            case "start", "rename", "update" -> inspections.add(id, Action.LOOK);
            case "die", "died", "destroy", "remove" -> inspections.add(id, Action.DROP);
            default -> {
                // The subscription filters, but some daemons send further events all the same.
            }
        }
    }

    @Override
    public void onStart(Closeable stream) {
        super.onStart(stream);
        started.complete(null);
    }

    @Override
    public void onError(Throwable error) {
        // Not passed on: the superclass would log the error with its stack, and the host reports the error in a
        // sentence.
        failure = error;
        started.completeExceptionally(error);
        wake();
    }

    @Override
    public void onComplete() {
        super.onComplete();
        started.complete(null);
        wake();
    }

    /** Wakes the stream for a look at the events. */
    void wake() {
        ended.add(true);
    }

    /** Waits until the daemon has taken the subscription. */
    void awaitSubscribed(Duration timeout) throws InterruptedException {
        try {
            started.get(timeout.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            throw new IllegalStateException(
                    "the Docker daemon sent no answer to the request for events within " + timeout.toMillis() + " ms",
                    e);
        } catch (ExecutionException e) {
            throw new IllegalStateException(
                    "the Docker daemon refuses the request for events: " + RootCause.words(e), e);
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
}
