package io.tagger.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.tagger.api.EntityId;
import io.tagger.api.TagInfo;
import io.tagger.api.collector.Collector;
import io.tagger.api.collector.FetchOnly;
import io.tagger.api.collector.Puller;
import io.tagger.api.collector.Streamer;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * What every collector promises its host. A subclass makes instances, and lends settings with which {@code detect} succeeds.
 *
 * <p>The time limits are the host's own deadlines, as bounds for something that hangs; nothing here measures speed.
 */
public abstract class CollectorContractTest {
    private static final Duration LIMIT = Duration.ofSeconds(5);

    /** For subclasses. */
    protected CollectorContractTest() {}

    /**
     * Makes an instance through its public constructor without parameters.
     *
     * @return a new instance
     */
    protected abstract Collector collector();

    /**
     * The settings of the collector, defaults included.
     *
     * @return its block of the configuration
     */
    protected abstract Map<String, Object> settings();

    @Test
    void name_andKinds_areValidAndTheSameForEveryInstance() {
        Collector one = collector();
        Collector two = collector();

        assertThat(one.name()).matches("[a-z][a-z0-9_-]*").isEqualTo(two.name());
        assertThat(one.priority()).isNotNull().isEqualTo(two.priority());
        assertThat(one.entityPrefixes()).allMatch(EntityId::isPrefix).isEqualTo(two.entityPrefixes());
        assertThat(one instanceof FetchOnly && one.entityPrefixes().isEmpty())
                .as("a collector that is asked about nothing, and tells nothing by itself")
                .isFalse();
    }

    @Test
    void mode_isExactlyOne() {
        Collector collector = collector();
        assertThat(Stream.of(Streamer.class, Puller.class, FetchOnly.class).filter(mode -> mode.isInstance(collector)))
                .hasSize(1);
    }

    @Test
    void serviceFile_namesIt() {
        assertThat(ServiceLoader.load(Collector.class).stream().map(ServiceLoader.Provider::type))
                .contains(collector().getClass().asSubclass(Collector.class));
    }

    @Test
    void close_beforeDetect_works() throws Exception {
        collector().close();
    }

    @Test
    void run_sendsValidInfosAndSyncs_andEndsWhenInterrupted() throws Exception {
        Collector collector = collector();
        RecordingSink sink = new RecordingSink(collector.name());
        try (TestContext context = new TestContext(settings())) {
            collector.detect(context);
            AtomicReference<Throwable> thrown = new AtomicReference<>();
            Thread thread = new Thread(() -> {
                try {
                    if (collector instanceof Streamer streamer) {
                        streamer.stream(sink);
                    } else if (collector instanceof Puller puller) {
                        puller.pull(sink);
                        sink.synced();
                    } else {
                        sink.synced();
                    }
                } catch (Throwable e) {
                    thrown.set(e);
                }
            });
            thread.start();
            try {
                await().atMost(LIMIT.multipliedBy(2))
                        .failFast("the collector ended before it had synced", () -> thrown.get() != null)
                        .until(() -> sink.syncs() == 1);
            } finally {
                thread.interrupt();
                thread.join(LIMIT.toMillis());
            }
            assertThat(thread.isAlive()).as("it goes on after an interrupt").isFalse();
            assertThat(sink.infos())
                    .allSatisfy(info -> assertThat(info.source().split("/")[0]).isEqualTo(collector.name()));
        } finally {
            collector.close();
        }
    }

    @Test
    void fetch_unknownEntity_isEmpty() throws Exception {
        Collector collector = collector();
        try (TestContext context = new TestContext(settings())) {
            collector.detect(context);
            for (String prefix : collector.entityPrefixes()) {
                List<TagInfo> infos = collector.fetch(EntityId.of(prefix, "0123456789abcdef-there-is-no-such-thing"));
                assertThat(infos).isEmpty();
            }
        } finally {
            collector.close();
        }
    }
}
