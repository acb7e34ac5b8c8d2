package io.tagger.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tagger.config.ConfigLayers;
import io.tagger.runtime.LocalTagger;
import io.tagger.runtime.TaggerSetup;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Several occasions of a reload at once, and errors of any kind. */
class ReloadTest {
    private final LocalTagger tagger = LocalTagger.builder().build();
    private final AtomicInteger loads = new AtomicInteger();

    @AfterEach
    void close() {
        tagger.close();
    }

    private static Loaded loaded(String configuration) {
        TaggerSetup setup = new TaggerSetup();
        return new Loaded(setup, setup.configure(ConfigLayers.empty().text(configuration)));
    }

    private Reload reload(Function<TaggerSetup, Loaded> loader) {
        Loaded first = loaded("");
        return new Reload(tagger, config -> {}, loader, first);
    }

    @Test
    void changeDuringAReload_isReadAfterIt_onceForAllCallers() throws Exception {
        CountDownLatch reads = new CountDownLatch(1);
        CountDownLatch mayRead = new CountDownLatch(1);
        Reload reload = reload(present -> {
            if (loads.incrementAndGet() == 1) {
                reads.countDown();
                await(mayRead);
                return loaded("");
            }
            return loaded("tagger.ipc.socket = /elsewhere");
        });
        CompletableFuture<Map<String, Object>> first = reload.run("first");
        assertThat(reads.await(10, TimeUnit.SECONDS)).isTrue();

        CompletableFuture<Map<String, Object>> second = reload.run("second");
        CompletableFuture<Map<String, Object>> third = reload.run("third");
        mayRead.countDown();

        assertThat(first.get(10, TimeUnit.SECONDS)).containsEntry("need_restart", List.of());
        assertThat(second.get(10, TimeUnit.SECONDS)).containsEntry("need_restart", List.of("tagger.ipc.socket"));
        assertThat(third).isSameAs(second);
        assertThat(loads).hasValue(2);
    }

    @Test
    void reload_runsOutsideOfTheThreadsOfPlugins() throws Exception {
        List<Thread> threads = new ArrayList<>();
        CountDownLatch mayRead = new CountDownLatch(1);
        Reload reload = reload(present -> {
            threads.add(Thread.currentThread());
            await(mayRead);
            return loaded("");
        });
        CompletableFuture<Map<String, Object>> first = reload.run("first");
        ThreadGroup plugins = new ThreadGroup("plugins");
        Thread plugin = new Thread(plugins, () -> reload.run("of a plugin"));
        plugin.setContextClassLoader(null);
        plugin.start();
        plugin.join();
        mayRead.countDown();
        first.get(10, TimeUnit.SECONDS);
        Thread other = new Thread(plugins, () -> reload.run("another").join());
        other.setContextClassLoader(null);
        other.start();
        other.join();

        assertThat(threads).hasSizeGreaterThanOrEqualTo(2).allSatisfy(thread -> assertThat(
                        thread.getContextClassLoader())
                .isSameAs(Reload.class.getClassLoader()));
    }

    @Test
    void error_leavesTheConfiguration_andTheNextReloadGoesOn() throws Exception {
        Reload reload = reload(present -> {
            if (loads.incrementAndGet() == 1) {
                throw new NoClassDefFoundError("com/acme/Missing");
            }
            return loaded("");
        });

        assertThatThrownBy(() -> reload.run("first").get(10, TimeUnit.SECONDS))
                .hasCauseInstanceOf(NoClassDefFoundError.class);
        assertThat(reload.run("second").get(10, TimeUnit.SECONDS)).containsKey("restarted");
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
