package io.tagger.runtime.collect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.tagger.api.Cardinality;
import io.tagger.api.CollectorState;
import io.tagger.api.CollectorStatus;
import io.tagger.api.EntityId;
import io.tagger.api.collector.Collector;
import io.tagger.config.ConfigLayers;
import io.tagger.runtime.LocalTagger;
import io.tagger.testkit.ManualTime;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.awaitility.Awaitility;

/** A tagger over scripted collectors, with a clock moved by the test. */
public final class Rig implements AutoCloseable {
    static {
        // Awaitility's own 100 ms before the first look, and between looks, were half of these tests' time.
        Awaitility.setDefaultPollDelay(Duration.ZERO);
        Awaitility.setDefaultPollInterval(Duration.ofMillis(10));
    }

    public final ManualTime time = new ManualTime();
    public final LocalTagger tagger;

    @SafeVarargs
    public Rig(Supplier<? extends Collector>... collectors) {
        this("", collectors);
    }

    @SafeVarargs
    public Rig(String configuration, Supplier<? extends Collector>... collectors) {
        LocalTagger.Builder builder = LocalTagger.builder().clock(time.clock()).scheduler(time.scheduler());
        for (Supplier<? extends Collector> collector : collectors) {
            builder.collector(collector);
        }
        builder.configure(ConfigLayers.empty().text(configuration));
        tagger = builder.build();
    }

    public CollectorStatus status(String name) {
        return tagger.status().collectors().stream()
                .filter(collector -> collector.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    public void awaitState(String name, CollectorState state) {
        await().untilAsserted(() -> assertThat(status(name).state()).isEqualTo(state));
    }

    public List<String> tag(EntityId entity) {
        return tagger.tag(entity, Cardinality.HIGH);
    }

    /** Asks on a separate thread, because the answer may need time that only the test can advance. */
    public CompletableFuture<List<String>> ask(EntityId entity) {
        return CompletableFuture.supplyAsync(() -> tag(entity), task -> {
            Thread thread = new Thread(task, "asker");
            thread.setDaemon(true);
            thread.start();
        });
    }

    public void advance(Duration duration) {
        time.advance(duration);
    }

    @Override
    public void close() {
        tagger.close();
    }
}
