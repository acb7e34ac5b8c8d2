package io.tagger.runtime.collect;

import static org.assertj.core.api.Assertions.assertThat;

import io.tagger.api.CollectorPriority;
import io.tagger.api.EntityId;
import io.tagger.api.Issue;
import io.tagger.api.TagInfo;
import io.tagger.api.collector.Backoff;
import io.tagger.api.collector.CollectorContext;
import io.tagger.api.collector.FetchOnly;
import io.tagger.config.CollectorUse;
import io.tagger.runtime.plugin.CollectorDiscovery;
import io.tagger.store.Epoch;
import io.tagger.store.TagStore;
import io.tagger.testkit.ManualTime;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

/** The processor time is real, and the test moves the clock: the result does not depend on the load of the machine. */
class BusyWatchTest {
    private final ManualTime time = new ManualTime();
    private final CollectorThreads threads = new CollectorThreads(
            new CollectorDiscovery().collector(Quiet::new).plugins().get(0), 100, (thread, error) -> {});
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
    void host_reportsABusyCollectorAmongItsIssues() throws InterruptedException {
        TagStore store = new TagStore(time.clock(), 1);
        Duration minute = Duration.ofMinutes(1);
        CollectorHost host = new CollectorHost(new HostServices(
                store,
                new Epoch(),
                new HostSettings(
                        new HostSettings.Deadlines(minute, minute, minute, minute, minute, minute),
                        new Backoff(minute, minute),
                        new HostSettings.Memory(minute, minute, 10, 1_000),
                        new HostSettings.Callers(1, 1),
                        new HostSettings.Limits(10, 10, 10, 10, 1)),
                new HostServices.Time(time.clock(), time.scheduler()),
                new HostServices.Names("host", "tagger"),
                new HostServices.Calls(
                        entity -> CompletableFuture.completedFuture(Optional.empty()), (name, delay) -> {})));
        Script busy = new Script("busy");
        CountDownLatch used = new CountDownLatch(1);
        busy.pull = sink -> {
            burn(Duration.ofMillis(1_300));
            used.countDown();
            end.await();
        };
        host.add(new HostedUse(
                new CollectorDiscovery().collector(busy.puller()).plugins().get(0), Map.of(), CollectorUse.AUTO));
        host.start();
        used.await();
        time.advance(Duration.ofMillis(1_200));
        host.lapse();

        assertThat(host.issues()).extracting(Issue::subject).containsExactly("collector busy");
        end.countDown();
        host.close();
    }

    private static void burn(Duration processor) {
        var bean = ManagementFactory.getThreadMXBean();
        while (bean.getCurrentThreadCpuTime() < processor.toNanos()) {
            Thread.onSpinWait();
        }
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
