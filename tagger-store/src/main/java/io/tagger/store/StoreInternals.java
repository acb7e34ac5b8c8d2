package io.tagger.store;

/**
 * The sizes of a store's internal collections, for tests.
 *
 * @param pooledTags different tags held by the pool
 * @param turns turns in the queues of expiries
 * @param tombstones entities with a deletion mark or a stamp
 */
record StoreInternals(int pooledTags, int turns, int tombstones) {}
