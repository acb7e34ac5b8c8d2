package io.tagger.runtime.collect;

import static org.assertj.core.api.Assertions.assertThat;

import io.tagger.api.CollectorPriority;
import io.tagger.api.EntityId;
import io.tagger.api.TagInfo;
import io.tagger.api.collector.CollectorContext;
import io.tagger.api.collector.FetchOnly;
import io.tagger.runtime.plugin.CollectorDiscovery;
import io.tagger.testkit.ManualTime;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

/** The processor time is real, and the test moves the clock: the result does not depend on the load of the machine. */
class BusyWatchTest {
    private final ManualTime time = new ManualTime();
    private final CollectorThreads threads = new CollectorThreads(
            new CollectorDiscovery().collector(Quiet::new).plugins().get(0), (thread, error) -> {});
    private final BusyWatch watch = new BusyWatch("quiet", threads, time.clock());
    private final CountDownLatch end = new CountDownLatch(1);

    /** Uses processor time on a thread of the collector; the thread then stays alive. */
    private void use(Duration processor) throws InterruptedException {
        CountDownLatch used = new CountDownLatch(1);
        threads.thread("-worker", () -> {
                    var bean = ManagementFactory.getThreadMXBean();
                    while (bean.getCurrentThreadCpuTime() < processor.toNanos()) {
                        Thread.onSpinWait();
                    }
                    used.countDown();
                    try {
                        end.await();
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                })
                .start();
        used.await();
    }

    @Test
    void collector_thatKeepsACoreBusy_isReported_untilItIsQuiet() throws InterruptedException {
        use(Duration.ofMillis(1_300));
        time.advance(Duration.ofMillis(1_300));
        watch.look();

        assertThat(watch.issues()).singleElement().satisfies(issue -> assertThat(issue.message())
                .contains("threads keep 1.", " of a core busy, tagger-quiet-worker most")
                .contains("tagger.collectors.quiet.enabled = false"));

        time.advance(Duration.ofSeconds(10));
        watch.look();
        end.countDown();

        assertThat(watch.issues()).isEmpty();
    }

    @Test
    void collector_belowTheShare_isNotReported() throws InterruptedException {
        use(Duration.ofMillis(200));
        time.advance(Duration.ofSeconds(10));
        watch.look();
        end.countDown();

        assertThat(watch.issues()).isEmpty();
    }

    @Test
    void clock_thatWasSet_reportsNoCollector() throws InterruptedException {
        use(Duration.ofMillis(200));
        time.advance(Duration.ofMillis(10));
        watch.look();
        end.countDown();

        assertThat(watch.issues()).isEmpty();
    }

    private static final class Quiet implements FetchOnly {
        @Override
        public String name() {
            return "quiet";
        }

        @Override
        public CollectorPriority priority() {
            return CollectorPriority.NODE_RUNTIME;
        }

        @Override
        public Set<String> entityPrefixes() {
            return Set.of(EntityId.PROCESS);
        }

        @Override
        public void detect(CollectorContext context) {}

        @Override
        public List<TagInfo> fetch(EntityId entity) {
            return List.of();
        }
    }
}
