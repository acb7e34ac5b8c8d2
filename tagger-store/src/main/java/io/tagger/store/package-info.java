/**
 * The in-memory store of tags: the reports of each source about each entity, their merge, and the subscriptions to
 * changes. The store knows no collectors, starts no threads (except in {@link io.tagger.store.ListenerPool}) and reads
 * no configuration.
 *
 * <p>The entrance is {@link io.tagger.store.TagStore}.
 */
@NullMarked
package io.tagger.store;

import org.jspecify.annotations.NullMarked;

/*
 * Reading. A reader finds the present Snapshot of an entity in the EntityTable: key, slot, snapshot, list. A caller
 * with a text from a socket needs no parsing; the same table serves the text.
 *
 * Writing. An entity belongs to one Stripe, chosen by hash. The stripe's lock guards, for the stripe's entities:
 * the replacement of snapshots, the bookkeeping of entries, deletion marks, expiries, the set of entries to pool,
 * the subscriptions already offered a snapshot, and the order of all these. A snapshot refers to its entries, so no
 * second map of entries exists. No thread takes a stripe's lock while it holds another lock, except
 * Stripes.makeRoom(), which takes all locks in order.
 *
 * Merging. A snapshot without readers is not merged; the first reader merges. After readers have asked for two
 * snapshots in a row, the writer merges the following snapshots ahead, until a snapshot has no reader. Not each
 * snapshot is watched, so that the writer may merge up to 15 too many. An entity with readers therefore has merged
 * tags, and an entity without readers costs next to nothing.
 *
 * Memory. Equal strings are one object (TagPool); equal low tags of a source are one LowTags; the merge of two
 * LowTags is kept with the first. The replicas of a deployment share everything but their own tags. The first
 * report of a source on an entity is pooled at once, and so is a report that replaces shared low tags. Any further
 * report is pooled at the next prune, if the report still counts then: finding equal strings costs a writer more
 * than the rest of an update together.
 *
 * Subscribers. A change is offered to a subscription while the stripe is locked, unless the entity is pending there
 * already: a bit in the snapshot tells. The subscription delivers the present snapshot later, so that a stuck
 * subscriber costs a writer a look at the bit.
 *
 * Deletion. A deletion is a mark until a prune carries out the deletion: prune() at once, prune(grace) when the mark
 * is old enough. Only the source that set the mark takes
 * the mark back. The stamp of a deletion outlives the prune while an earlier fetch is under way, so that the answer
 * of the fetch is refused. Each entry has such a stamp too, so that a slow fetch does not overwrite a later report
 * of its own source.
 *
 * Lifetime. A pushed entry belongs to a collector that notices the end of the entity; a fetched entry does not.
 * When the last pushed entry is withdrawn, by a sweep or by an info without tags, the fetched entries go too. An
 * entity without pushed entries from the start stays until its expiry.
 *
 * docs/decisions/0012 to 0014 and 0017 have the history of this shape, with figures.
 */
