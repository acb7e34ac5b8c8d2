package io.tagger.store;

/**
 * The counters of a store at one moment.
 *
 * @param updates reports with an effect on the store
 * @param prunes calls of {@link TagStore#prune}, since the store was made
 * @param pruned entities removed by prunes, since the store was made
 * @param late fetched infos refused as late, since the store was made
 * @param subscriptions subscriptions open now
 */
public record StoreStatistics(long updates, long prunes, long pruned, long late, int subscriptions) {}
