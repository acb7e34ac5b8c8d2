package io.tagger.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A lack of memory in a task of the scheduler reaches the handler of the process, instead of a future. */
class LackOfMemoryTest {
    private final Thread.UncaughtExceptionHandler before = Thread.getDefaultUncaughtExceptionHandler();
    private final BlockingQueue<Throwable> handled = new LinkedBlockingQueue<>();
    private final ScheduledExecutorService scheduler = TaggerScheduler.make();

    @BeforeEach
    void handle() {
        Thread.setDefaultUncaughtExceptionHandler((thread, error) -> handled.add(error));
    }

    @AfterEach
    void restore() {
        scheduler.shutdownNow();
        Thread.setDefaultUncaughtExceptionHandler(before);
    }

    @Test
    void taskThatLacksMemory_isEscalated_andOthersAreNot() throws Exception {
        OutOfMemoryError lack = new OutOfMemoryError("test");
        scheduler.schedule(
                () -> {
                    throw new IllegalStateException("no lack of memory");
                },
                0,
                TimeUnit.MILLISECONDS);
        scheduler.schedule(
                () -> {
                    throw lack;
                },
                0,
                TimeUnit.MILLISECONDS);

        assertThat(handled.poll(20, TimeUnit.SECONDS)).isSameAs(lack);
        assertThat(handled).isEmpty();
    }
}
