package io.tagger.collectors.kubernetes;

import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.Executor;

/** Runs a few tasks at a time on another executor: a hundred lists at the start would be a hundred connections. */
final class FewAtATime implements Executor {
    private final Executor executor;
    private final int most;
    private final Queue<Runnable> waiting = new ArrayDeque<>(); // guarded by this
    private int running; // guarded by this

    FewAtATime(Executor executor, int most) {
        this.executor = executor;
        this.most = most;
    }

    @Override
    public void execute(Runnable task) {
        synchronized (this) {
            waiting.add(task);
            if (running >= most) {
                return;
            }
            running++;
        }
        try {
            executor.execute(this::run);
        } catch (RuntimeException e) { // too many tasks, or closed
            synchronized (this) {
                running--;
                waiting.remove(task);
            }
            throw e;
        }
    }

    private void run() {
        boolean isIdle = false;
        try {
            while (true) {
                Runnable task;
                synchronized (this) {
                    task = waiting.poll();
                    if (task == null) {
                        running--;
                        isIdle = true;
                        return;
                    }
                }
                task.run();
            }
        } finally {
            if (!isIdle) { // an error of a task
                synchronized (this) {
                    running--;
                }
            }
        }
    }
}
