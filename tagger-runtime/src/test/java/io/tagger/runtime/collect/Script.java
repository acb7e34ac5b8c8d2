package io.tagger.runtime.collect;

import static org.awaitility.Awaitility.await;

import io.tagger.api.CollectorMode;
import io.tagger.api.CollectorPriority;
import io.tagger.api.EntityId;
import io.tagger.api.TagInfo;
import io.tagger.api.collector.Collector;
import io.tagger.api.collector.CollectorContext;
import io.tagger.api.collector.FetchOnly;
import io.tagger.api.collector.Puller;
import io.tagger.api.collector.Streamer;
import io.tagger.api.collector.TagSink;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** The behaviour of a test collector's instances, and their state. */
public final class Script {
    /** A step of a plugin. */
    public interface Step {
        void run() throws Exception;
    }

    /** A fetch. */
    public interface Fetch {
        List<TagInfo> of(EntityId entity) throws Exception;
    }

    /** A pull. */
    public interface Pull {
        void into(TagSink sink) throws Exception;
    }

    private final String name;
    public volatile CollectorPriority priority = CollectorPriority.NODE_RUNTIME;
    public volatile Set<String> prefixes = Set.of(EntityId.CONTAINER);
    public volatile Step construct = () -> {};
    public volatile Step detect = () -> {};
    public volatile Consumer<Map<String, Object>> check = settings -> {};
    public volatile Fetch fetch = entity -> List.of();
    public volatile Optional<Duration> answersHoldFor = Optional.empty();
    public volatile Pull pull = sink -> {};
    public volatile CollectorMode mode = CollectorMode.STREAM;
    public volatile Step close = () -> {};
    public final AtomicInteger fetches = new AtomicInteger();
    public final AtomicInteger pulls = new AtomicInteger();
    /** The pulls that have ended: the host asks for the interval after each. */
    public final AtomicInteger pulled = new AtomicInteger();
    /** The detected instances, in order. */
    public final List<Base> instances = new CopyOnWriteArrayList<>();

    public Script(String name) {
        this.name = name;
    }

    public Supplier<Collector> streamer() {
        return StreamerInstance::new;
    }

    public Supplier<Collector> puller() {
        return PullerInstance::new;
    }

    /** Instances that stream or pull, as {@link #mode} says after the detection. */
    public Supplier<Collector> streamerOrPuller() {
        return TwoModesInstance::new;
    }

    public Supplier<Collector> fetchOnly() {
        return FetchInstance::new;
    }

    /** The streaming instance with the given number, from 0. */
    public StreamerInstance streaming(int number) {
        await().until(() -> instances.size() > number);
        StreamerInstance instance = (StreamerInstance) instances.get(number);
        instance.sink();
        return instance;
    }

    public TagInfo.Builder info(EntityId entity) {
        return TagInfo.builder(name, entity);
    }

    public TagInfo deletion(EntityId entity) {
        return TagInfo.deletion(name, entity);
    }

    /** The parts common to all modes. */
    public abstract class Base implements Collector {
        public volatile CollectorContext context;
        public final AtomicInteger closes = new AtomicInteger();

        private Base() {
            try {
                construct.run();
            } catch (RuntimeException | Error e) {
                throw e;
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        }

        @Override
        public String name() {
            return name;
        }

        @Override
        public CollectorPriority priority() {
            return priority;
        }

        @Override
        public Set<String> entityPrefixes() {
            return prefixes;
        }

        @Override
        public void check(Map<String, Object> settings) {
            check.accept(settings);
        }

        @Override
        public void detect(CollectorContext lent) throws Exception {
            context = lent;
            instances.add(this);
            detect.run();
        }

        @Override
        public List<TagInfo> fetch(EntityId entity) throws Exception {
            fetches.incrementAndGet();
            return fetch.of(entity);
        }

        @Override
        public void close() throws Exception {
            closes.incrementAndGet();
            close.run();
        }
    }

    /** A Streamer with a stream under the control of the test. */
    public final class StreamerInstance extends Base implements Streamer {
        private final CompletableFuture<TagSink> sink = new CompletableFuture<>();
        private final CompletableFuture<Void> end = new CompletableFuture<>();

        @Override
        public void stream(TagSink given) throws Exception {
            sink.complete(given);
            try {
                end.get();
            } catch (ExecutionException e) {
                if (e.getCause() instanceof Exception cause) {
                    throw cause;
                }
                throw (Error) e.getCause();
            }
        }

        public TagSink sink() {
            try {
                return sink.get(10, TimeUnit.SECONDS);
            } catch (Exception e) {
                throw new AssertionError("it does not stream", e);
            }
        }

        public boolean hasStreamed() {
            return sink.isDone();
        }

        public void send(TagInfo... infos) {
            try {
                sink().send(List.of(infos));
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        }

        public void synced() {
            try {
                sink().synced();
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        }

        public void fail(Throwable error) {
            end.completeExceptionally(error);
        }

        public void end() {
            end.complete(null);
        }
    }

    private final class PullerInstance extends Base implements Puller {
        @Override
        public void pull(TagSink sink) throws Exception {
            pulls.incrementAndGet();
            pull.into(sink);
        }

        @Override
        public Duration pullInterval() {
            pulled.incrementAndGet();
            return Duration.ofSeconds(5);
        }
    }

    private final class TwoModesInstance extends Base implements Streamer, Puller {
        @Override
        public CollectorMode mode() {
            return mode;
        }

        @Override
        public void stream(TagSink sink) throws Exception {
            sink.send(List.of(info(EntityId.container("streamed")).low("a", "b").build()));
            sink.synced();
            new CompletableFuture<Void>().get();
        }

        @Override
        public void pull(TagSink sink) throws Exception {
            pulls.incrementAndGet();
            pull.into(sink);
        }
    }

    private final class FetchInstance extends Base implements FetchOnly {
        @Override
        public Optional<Duration> answersHoldFor() {
            return answersHoldFor;
        }

        @Override
        public List<TagInfo> fetch(EntityId entity) throws Exception {
            return super.fetch(entity);
        }
    }
}
