package io.tagger.client;

import io.tagger.client.store.OutOfMemory;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.System.Logger.Level;
import java.nio.channels.ClosedSelectorException;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.time.Duration;
import java.util.PriorityQueue;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * The one thread of a client: waits for all channels and timers, and runs tasks. The thread is a daemon. Any thread may
 * call {@link #execute} and {@link #close}; all other methods are for the thread itself. An interrupt of the thread has
 * no effect.
 */
final class EventLoop implements AutoCloseable {
    private final Selector selector;
    private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();
    private final PriorityQueue<Timer> timers = new PriorityQueue<>();
    private final Thread thread;
    private long sequence;
    private volatile boolean isClosed;

    /** Handles a ready channel. */
    interface Ready {
        /** The channel can be connected, read or written. */
        void ready();
    }

    /** A task to be run later. */
    static final class Timer implements Comparable<Timer> {
        private final long due;
        private final long number;
        private final Runnable task;
        private boolean isCancelled;

        private Timer(long due, long number, Runnable task) {
            this.due = due;
            this.number = number;
            this.task = task;
        }

        /** The task is not run any more. On the thread of the loop. */
        void cancel() {
            isCancelled = true;
        }

        @Override
        public int compareTo(Timer other) {
            long order = due - other.due; // nanoseconds may overflow; their difference does not
            return order == 0 ? Long.compare(number, other.number) : Long.signum(order);
        }
    }

    /** Starts the thread. */
    EventLoop(String name) {
        try {
            selector = Selector.open();
        } catch (IOException e) {
            throw new UncheckedIOException("the client has no room for its files: " + e.getMessage(), e);
        }
        thread = new Thread(null, this::run, name, 0, false);
        thread.setDaemon(true);
        thread.setContextClassLoader(null); // a long-lived thread must not keep the loader of the first caller alive
        thread.start();
    }

    /** Runs a task on the thread, soon. After the close the task is dropped. */
    void execute(Runnable task) {
        tasks.add(task);
        if (Thread.currentThread() != thread) {
            selector.wakeup();
        }
    }

    /** Runs a task after a pause. */
    Timer after(Duration pause, Runnable task) {
        Timer timer = new Timer(System.nanoTime() + pause.toNanos(), sequence++, task);
        timers.add(timer);
        return timer;
    }

    /** Runs a task again and again. */
    void every(Duration pause, Runnable task) {
        after(pause, () -> {
            every(pause, task);
            task.run();
        });
    }

    /** Registers a channel without a wish yet. */
    SelectionKey register(SelectableChannel channel, Ready handler) throws IOException {
        channel.configureBlocking(false);
        return channel.register(selector, 0, handler);
    }

    private void run() {
        try {
            while (!isClosed) {
                Thread.interrupted(); // otherwise the selector would not wait
                select();
                runTasks();
                runTimers();
            }
        } catch (IOException | ClosedSelectorException e) {
            Log.warn("the client's thread ends: {0}", e.toString());
        } finally {
            closeChannels();
        }
    }

    private void select() throws IOException {
        long nanos = timers.isEmpty() ? Long.MAX_VALUE : timers.peek().due - System.nanoTime();
        if (!tasks.isEmpty() || nanos <= 0) {
            selector.selectNow();
        } else {
            selector.select(timers.isEmpty() ? 0 : nanos / 1_000_000 + 1);
        }
        Set<SelectionKey> ready = selector.selectedKeys();
        for (SelectionKey key : ready) {
            try {
                ((Ready) key.attachment()).ready();
            } catch (RuntimeException | Error e) {
                failed(e);
            }
        }
        ready.clear();
    }

    private void runTasks() {
        // Tasks that are added meanwhile wait for the next turn, so that channels are not starved.
        for (int rest = tasks.size(); rest > 0; rest--) {
            Runnable task = tasks.poll();
            if (task != null) {
                guarded(task);
            }
        }
    }

    private void runTimers() {
        long now = System.nanoTime();
        while (!timers.isEmpty() && timers.peek().due - now <= 0) {
            Timer timer = timers.poll();
            if (!timer.isCancelled) {
                guarded(timer.task);
            }
        }
    }

    private static void guarded(Runnable task) {
        try {
            task.run();
        } catch (RuntimeException | Error e) {
            failed(e);
        }
    }

    /** A fault in one task must not end the client. */
    private static void failed(Throwable error) {
        OutOfMemory.escalate(error);
        Log.log(Level.WARNING, "a task of the client failed", error);
    }

    private void closeChannels() {
        for (SelectionKey key : selector.keys()) {
            try {
                key.channel().close();
            } catch (IOException e) {
                // The channel is of no use any more.
            }
        }
        try {
            selector.close();
        } catch (IOException e) {
            // As above.
        }
    }

    /** Ends the thread and closes all channels. Pending tasks are dropped. A second close has no effect. */
    @Override
    public void close() {
        isClosed = true;
        selector.wakeup();
    }
}
