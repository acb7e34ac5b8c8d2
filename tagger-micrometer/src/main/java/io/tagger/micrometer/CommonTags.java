package io.tagger.micrometer;

import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.config.MeterFilter;
import io.tagger.api.Cardinality;
import io.tagger.api.EntityTags;
import io.tagger.api.Tagger;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * The tags of this process's container, or of the process, as common tags of all meters.
 *
 * <pre>{@code
 * registry.config().meterFilter(CommonTags.read(DefaultTagger.init(), Duration.ofMillis(300)).filter());
 * }</pre>
 *
 * <p>The tags are read once, before the first meter: a meter keeps its tags, and a later value would make a second time
 * series. Immutable and thread-safe.
 */
public final class CommonTags {
    /** The tags with values that change during the life of a container: each change would make new time series. */
    private static final Set<String> CHANGING = Set.of("pod_phase", "kube_service");

    private static final Duration LONGEST_QUESTION = Duration.ofSeconds(1);

    private final Optional<EntityTags> self;

    private CommonTags(Optional<EntityTags> self) {
        this.self = self;
    }

    /**
     * Reads the tags of this process. Without an agent, or if nobody can tell who this process is, there are no tags.
     *
     * @param tagger the tagger, usually the {@link io.tagger.api.DefaultTagger}
     * @param wait the longest wait for complete tags; then the known tags are taken. The question who this process is takes
     *     a second at most before
     * @return the tags
     */
    public static CommonTags read(Tagger tagger, Duration wait) {
        Objects.requireNonNull(wait, "wait");
        Optional<EntityTags> self = self(tagger);
        if (self.isPresent() && !self.get().complete()) {
            try {
                Optional<EntityTags> later = tagger.awaitComplete(self.get().entity(), wait);
                self = later.isPresent() ? later : self;
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt(); // the known tags are better than none
            }
        }
        return new CommonTags(self);
    }

    /** On another thread: the deadline of a tagger beside an agent that hangs is longer than a start should take. */
    private static Optional<EntityTags> self(Tagger tagger) {
        return CompletableFuture.supplyAsync(tagger::self)
                .completeOnTimeout(Optional.empty(), LONGEST_QUESTION.toMillis(), TimeUnit.MILLISECONDS)
                .join();
    }

    /**
     * The low tags, without tags whose values change during the life of a container ({@code pod_phase}, {@code
     * kube_service}).
     *
     * @return the tags; of several values of a name the first by the alphabet
     */
    public Tags low() {
        Map<String, String> values = values(Cardinality.LOW);
        values.keySet().removeAll(CHANGING);
        return tags(values);
    }

    /**
     * The tags with some names, of any level.
     *
     * @param names the names of tags, for instance {@code service} and {@code pod_name}
     * @return the tags; a name without a tag is left out
     */
    public Tags named(List<String> names) {
        Map<String, String> values = values(Cardinality.HIGH);
        values.keySet().retainAll(names);
        return tags(values);
    }

    /**
     * A filter that adds the {@linkplain #low low} tags to all meters. Tags of a meter's own win.
     *
     * @return the filter, to be set before the first meter is made
     */
    public MeterFilter filter() {
        return MeterFilter.commonTags(low());
    }

    /**
     * A filter that adds the {@linkplain #named named} tags to all meters. Tags of a meter's own win.
     *
     * @param names the names of tags
     * @return the filter, to be set before the first meter is made
     */
    public MeterFilter filter(List<String> names) {
        return MeterFilter.commonTags(named(names));
    }

    private Map<String, String> values(Cardinality cardinality) {
        Map<String, String> values = new LinkedHashMap<>();
        self.map(entity -> entity.tags(cardinality)).orElse(List.of()).forEach(tag -> {
            int colon = tag.indexOf(':');
            if (colon > 0 && colon < tag.length() - 1) { // Micrometer refuses a tag without a value
                values.putIfAbsent(tag.substring(0, colon), tag.substring(colon + 1));
            }
        });
        return values;
    }

    private static Tags tags(Map<String, String> values) {
        return Tags.of(values.entrySet().stream()
                .map(entry -> Tag.of(entry.getKey(), entry.getValue()))
                .toList());
    }
}
