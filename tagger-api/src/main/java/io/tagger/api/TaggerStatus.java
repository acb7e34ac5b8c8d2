package io.tagger.api;

import java.util.List;
import java.util.Objects;

/**
 * The status of a tagger at one moment.
 *
 * @param identity the tagger's mode and lineage
 * @param ready whether no collector is {@link CollectorStatus.Readiness#AWAITED}
 * @param size how much the tagger holds now
 * @param collectors the collectors, highest priority first, then by name
 * @param issues problems in spite of which the tagger works
 * @param counters the tagger's counters since its start
 */
public record TaggerStatus(
        Identity identity,
        boolean ready,
        Size size,
        List<CollectorStatus> collectors,
        List<Issue> issues,
        Counters counters) {

    /** Rejects a null part, and copies the lists. */
    public TaggerStatus {
        Objects.requireNonNull(identity, "identity");
        Objects.requireNonNull(size, "size");
        Objects.requireNonNull(counters, "counters");
        collectors = List.copyOf(collectors);
        issues = List.copyOf(issues);
    }

    /**
     * The mode of a tagger, and the chain of taggers behind it.
     *
     * @param mode {@code local} for a tagger with collectors, {@code client} for a client of an agent
     * @param lineage the names of this tagger and of the taggers whose tags it passes on, for the detection of loops;
     *     each name is globally unique
     */
    public record Identity(String mode, List<String> lineage) {
        /** Rejects a null part, and copies the list. */
        public Identity {
            Objects.requireNonNull(mode, "mode");
            lineage = List.copyOf(lineage);
        }
    }

    /**
     * The size of a tagger.
     *
     * @param entities entities known
     * @param subscriptions subscriptions open
     */
    public record Size(long entities, long subscriptions) {}

    /**
     * The counters of a tagger since its start. Hits are not counted: the counting would cost more than the answer.
     *
     * @param misses lookups without a final answer in the store
     * @param timeouts misses ended by the deadline
     * @param updates reports with an effect on the store
     * @param prunes how often deletions were carried out
     * @param pruned entities removed by prunes
     * @param late fetched answers refused because the entity was deleted, or reported anew, after the fetch had begun
     */
    public record Counters(long misses, long timeouts, long updates, long prunes, long pruned, long late) {}

    /**
     * The mode of the tagger.
     *
     * @return {@link Identity#mode}
     */
    public String mode() {
        return identity.mode;
    }

    /**
     * The names of the taggers, for the detection of loops.
     *
     * @return {@link Identity#lineage}
     */
    public List<String> lineage() {
        return identity.lineage;
    }

    /**
     * The number of entities known.
     *
     * @return {@link Size#entities}
     */
    public long entities() {
        return size.entities;
    }
}
