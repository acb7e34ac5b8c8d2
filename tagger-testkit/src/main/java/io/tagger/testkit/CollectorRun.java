package io.tagger.testkit;

import io.tagger.api.CollectorMode;
import io.tagger.api.CollectorPriority;
import io.tagger.api.TagInfo;
import io.tagger.api.collector.Collector;
import io.tagger.api.collector.Puller;
import io.tagger.api.collector.Streamer;
import io.tagger.api.collector.TagSink;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Pattern;

/**
 * A step of a collector on a thread of its own; a check can wait for the step, interrupt it and observe its end.
 * Thread-safe.
 */
final class CollectorRun {
    private static final Pattern OF_THE_JDK = Pattern.compile("HttpClient-\\d+-(?:SelectorManager|Worker-\\d+)"
            + "|CompletableFutureDelayScheduler|ForkJoinPool\\.commonPool-.*");

    private final FutureTask<Boolean> task;
    private final Thread thread;

    private CollectorRun(ThreadGroup group, FutureTask<Boolean> task) {
        this.task = task;
        thread = started(group, task);
    }

    private static Thread started(ThreadGroup group, Runnable task) {
        Thread thread = new Thread(group, task, "collector-check");
        thread.setDaemon(true);
        thread.start();
        return thread;
    }

    static CollectorRun of(Callable<Boolean> step) {
        return in(Thread.currentThread().getThreadGroup(), step);
    }

    /** Runs a step in a group of threads, which the threads started by the step belong to. */
    static CollectorRun in(ThreadGroup group, Callable<Boolean> step) {
        return new CollectorRun(group, new FutureTask<>(step));
    }

    /** Waits for the end of the step; throws its error. */
    void result(Duration limit) throws Exception {
        result(task, limit, "the collector", thread);
    }

    /**
     * The names of the threads in a group that do not end in time, without the threads that belong to the JDK: of the HTTP
     * client, which only the garbage collector ends up to Java 20, and of the pools shared by the whole process.
     */
    static List<String> leftIn(ThreadGroup group, Duration limit) throws InterruptedException {
        List<String> left = new ArrayList<>();
        Thread[] alive = new Thread[group.activeCount() * 2 + 10];
        int count = group.enumerate(alive);
        for (int i = 0; i < count; i++) {
            if (!OF_THE_JDK.matcher(alive[i].getName()).matches()) {
                alive[i].join(limit.toMillis());
                if (alive[i].isAlive()) {
                    left.add(alive[i].getName());
                }
            }
        }
        return left;
    }

    /** Runs a collector by mode: a streamer streams, a puller pulls once, a fetch-only collector has no step. */
    static CollectorRun of(Collector collector, TagSink sink) {
        return of(() -> {
            if (collector instanceof Streamer streamer && collector.mode() == CollectorMode.STREAM) {
                streamer.stream(sink);
            } else {
                if (collector instanceof Puller puller) {
                    puller.pull(sink);
                }
                sink.synced();
            }
            return true;
        });
    }

    /** Runs a step and waits for its end. */
    static <T> T within(Duration limit, String what, Callable<T> step) throws Exception {
        FutureTask<T> task = new FutureTask<>(step);
        return result(task, limit, what, started(Thread.currentThread().getThreadGroup(), task));
    }

    private static <T> T result(FutureTask<T> task, Duration limit, String what, Thread thread) throws Exception {
        try {
            return task.get(limit.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            thread.interrupt();
            throw new AssertionError(what + " took over " + limit.toSeconds() + " s");
        } catch (ExecutionException e) {
            if (e.getCause() instanceof Exception exception) {
                throw exception;
            }
            if (e.getCause() instanceof AssertionError broken) {
                throw broken;
            }
            throw new AssertionError(what + " threw " + e.getCause(), e.getCause());
        }
    }

    void awaitSynced(RecordingSink sink, Duration limit) throws Exception {
        if (!sink.awaitSynced(limit, task::isDone) && sink.syncs() == 0) {
            if (task.isDone()) {
                task.get(); // throws the error of the step
                throw new AssertionError("the collector ended before synced()");
            }
            throw new AssertionError("the collector has not called synced() within " + limit.toSeconds() + " s");
        }
    }

    void interrupt() {
        thread.interrupt();
    }

    boolean endsWithin(Duration limit) throws InterruptedException {
        thread.join(limit.toMillis());
        return !thread.isAlive();
    }

    void awaitEnd(Duration limit, String after) throws InterruptedException {
        if (!endsWithin(limit)) {
            throw new AssertionError("it goes on " + limit.toSeconds() + " s after " + after);
        }
    }

    /** A sink without room: sending blocks until the sender is interrupted. */
    static final class FullSink implements TagSink {
        private final CountDownLatch reached = new CountDownLatch(1);

        /** Waits until the collector sends, or ends. */
        void awaitReached(Duration limit) throws InterruptedException {
            reached.await(limit.toMillis(), TimeUnit.MILLISECONDS);
        }

        @Override
        public void send(List<TagInfo> infos) throws InterruptedException {
            replaceAll(infos);
        }

        @Override
        public void replaceAll(Collection<TagInfo> infos) throws InterruptedException {
            if (!infos.isEmpty()) {
                reached.countDown();
                new CountDownLatch(1).await();
            }
        }

        @Override
        public void synced() {
            reached.countDown();
        }

        @Override
        public TagSink relay(String source, CollectorPriority priority) {
            return this;
        }
    }
}
