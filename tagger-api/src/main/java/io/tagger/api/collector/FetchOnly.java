package io.tagger.api.collector;

import io.tagger.api.EntityId;
import io.tagger.api.TagInfo;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * A collector only asked on a cache miss, because the source can't list its entities or a question is costly.
 *
 * <p>Such a collector does not notice the end of an entity: the tags go when another collector deletes the entity, or
 * at the {@link TagInfo.Builder#expiry expiry} of the report.
 */
public interface FetchOnly extends Collector {
    /**
     * How long an answer holds. Afterwards the answer is still served, and the collector is asked again in the
     * background at the next lookup: the new answer replaces the old, and an answer without the entity withdraws the
     * old. The {@link TagInfo.Builder#expiry expiry} of a report goes before this duration.
     *
     * @return the duration, more than zero; empty if an answer holds for ever, because the source never changes what it
     *     has said; 5 minutes unless overridden
     */
    default Optional<Duration> answersHoldFor() {
        return Optional.of(Duration.ofMinutes(5));
    }

    @Override
    List<TagInfo> fetch(EntityId entity) throws Exception;
}
