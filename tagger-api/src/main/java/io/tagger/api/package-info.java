/**
 * The query API: {@link io.tagger.api.Tagger}, its arguments and its results.
 *
 * <p>A program that reads tags needs three types: {@link io.tagger.api.DefaultTagger} (the tagger of the process),
 * {@link io.tagger.api.EntityId} (the entity) and {@link io.tagger.api.Cardinality} (the level of detail). A source of
 * tags implements {@link io.tagger.api.collector}.
 *
 * <p>No type here accepts or returns {@code null}.
 */
package io.tagger.api;
