package io.tagger.api;

import java.util.List;
import java.util.Objects;

/**
 * How a tagger is, at one moment.
 *
 * @param mode {@code local} if it collects by itself, {@code client} if it asks an agent
 * @param ready whether every collector that was detected has told all there was
 * @param entities how many entities are known
 * @param collectors the collectors, highest priority first, then by name
 * @param issues what is wrong and did not keep the tagger from working
 * @param counters what it did since it was started
 * @param lineage the tagger itself and those whose tags it passes on, each by a name that no other in the world has; so that a loop is seen
 */
public record TaggerStatus(
        String mode,
        boolean ready,
        long entities,
        List<CollectorStatus> collectors,
        List<Issue> issues,
        Counters counters,
        List<String> lineage) {

    /** Checks that nothing is missing, and copies the lists. */
    public TaggerStatus {
        Objects.requireNonNull(mode, "mode");
        Objects.requireNonNull(counters, "counters");
        collectors = List.copyOf(collectors);
        issues = List.copyOf(issues);
        lineage = List.copyOf(lineage);
    }

    /**
     * What a tagger did since it was started. Hits are not counted: counting would cost more than answering.
     *
     * @param misses how many questions were not answered by the store alone
     * @param timeouts how many of them came back at the deadline, with what was known by then
     * @param updates how many infos changed the store
     * @param prunes how often deletions were carried out
     * @param pruned how many entities were removed
     * @param late how many fetched answers were refused because the entity was deleted, or told of anew, since the fetch began
     * @param subscriptions how many subscriptions are open now
     */
    public record Counters(
            long misses, long timeouts, long updates, long prunes, long pruned, long late, long subscriptions) {}
}
