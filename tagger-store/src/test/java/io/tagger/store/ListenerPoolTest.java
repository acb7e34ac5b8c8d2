package io.tagger.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ListenerPoolTest {
    private final ThreadGroup group = new ThreadGroup("listeners");
    private final CountDownLatch release = new CountDownLatch(1);
    private final AtomicInteger inside = new AtomicInteger();
    private final ListenerPool pool;

    ListenerPoolTest() throws InterruptedException, ExecutionException {
        FutureTask<ListenerPool> make = new FutureTask<>(ListenerPool::new);
        new Thread(group, make, "maker").start();
        pool = make.get();
    }

    @AfterEach
    void close() {
        release.countDown();
        pool.shutdownNow();
    }

    private void stick() {
        pool.execute(() -> {
            inside.incrementAndGet();
            while (true) {
                try {
                    release.await();
                    return;
                } catch (InterruptedException e) {
                    // A stuck listener ignores the end of the pool.
                }
            }
        });
    }

    @Test
    void stuckListeners_holdUpNoOther_andThePoolShrinksAfterTheirReturn() {
        for (int i = 0; i < 5; i++) {
            stick();
        }
        CountDownLatch quick = new CountDownLatch(1);
        pool.execute(quick::countDown);

        await().until(() -> quick.getCount() == 0);
        await().until(() -> inside.get() == 5);
        assertThat(pool.getMaximumPoolSize()).isGreaterThanOrEqualTo(6).isLessThanOrEqualTo(7);

        release.countDown();
        await().until(() -> pool.getMaximumPoolSize() == 2);
        assertThat(pool.getCorePoolSize()).isEqualTo(2);
    }

    @Test
    void threads_haveNeitherTheGroupNorTheLoaderOfTheSubmitter() {
        CompletableFuture<Thread> thread = new CompletableFuture<>();
        Thread submitter = new Thread(
                new ThreadGroup("plugin"), () -> pool.execute(() -> thread.complete(Thread.currentThread())));
        submitter.setContextClassLoader(new ClassLoader() {});
        submitter.start();

        assertThat(thread.join().getThreadGroup()).isSameAs(group);
        assertThat(thread.join().getContextClassLoader()).isSameAs(ListenerPool.class.getClassLoader());
    }

    @Test
    void shutdown_withAStuckListener_leavesNoThreadButTheStuckOne() {
        for (int i = 0; i < 3; i++) {
            stick();
        }
        await().until(() -> inside.get() == 3);
        pool.shutdownNow();

        await().until(() -> group.activeCount() == 3);
        release.countDown();
        await().until(() -> group.activeCount() == 0);
        await().until(pool::isTerminated);
    }
}
