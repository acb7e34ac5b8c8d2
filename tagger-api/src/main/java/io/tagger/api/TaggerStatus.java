package io.tagger.api;

import java.util.List;
import java.util.Objects;

/**
 * The status of a tagger at one moment.
 *
 * @param identity which tagger this is
 * @param ready whether every collector that was detected has synced
 * @param size how much the tagger holds now
 * @param collectors the collectors, highest priority first, then by name
 * @param issues problems that did not keep the tagger from working
 * @param counters what the tagger did since its start
 */
public record TaggerStatus(
        Identity identity,
        boolean ready,
        Size size,
        List<CollectorStatus> collectors,
        List<Issue> issues,
        Counters counters) {

    /** Checks that no part is missing, and copies the lists. */
    public TaggerStatus {
        Objects.requireNonNull(identity, "identity");
        Objects.requireNonNull(size, "size");
        Objects.requireNonNull(counters, "counters");
        collectors = List.copyOf(collectors);
        issues = List.copyOf(issues);
    }

    /**
     * Which tagger a status belongs to.
     *
     * @param mode {@code local} for a tagger that collects, {@code client} for a tagger that asks an agent
     * @param lineage the names of the tagger and of the taggers whose tags are passed on, by which a loop is recognized; each name is unique
     *     in the world
     */
    public record Identity(String mode, List<String> lineage) {
        /** Checks that no part is missing, and copies the list. */
        public Identity {
            Objects.requireNonNull(mode, "mode");
            lineage = List.copyOf(lineage);
        }
    }

    /**
     * How much a tagger holds.
     *
     * @param entities entities known
     * @param subscriptions subscriptions open
     */
    public record Size(long entities, long subscriptions) {}

    /**
     * What a tagger did since its start. Hits are not counted: counting would cost more than answering.
     *
     * @param misses lookups that the store alone did not answer
     * @param timeouts misses that returned at the deadline, with the tags known by then
     * @param updates infos that changed the store
     * @param prunes how often deletions were carried out
     * @param pruned entities removed by prunes
     * @param late fetched answers refused because the entity was deleted, or reported anew, after the fetch had begun
     */
    public record Counters(long misses, long timeouts, long updates, long prunes, long pruned, long late) {}

    /**
     * How the tagger gets its tags.
     *
     * @return {@link Identity#mode}
     */
    public String mode() {
        return identity.mode;
    }

    /**
     * The names by which a loop of taggers is recognized.
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
