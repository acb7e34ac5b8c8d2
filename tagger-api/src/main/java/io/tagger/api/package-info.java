/**
 * What a program asks a tagger: {@link io.tagger.api.Tagger} and the values it takes and gives.
 *
 * <p>A program that wants tags needs three names: {@link io.tagger.api.DefaultTagger} (the one tagger of the process),
 * {@link io.tagger.api.EntityId} (of what) and {@link io.tagger.api.Cardinality} (how detailed). Programs that <em>know</em> tags
 * implement {@link io.tagger.api.collector}.
 *
 * <p>No type here accepts or returns {@code null}.
 */
package io.tagger.api;
