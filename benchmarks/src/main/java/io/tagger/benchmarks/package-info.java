/**
 * The speed of the store and the lookups, beside baselines in the same run. Start with {@link
 * io.tagger.benchmarks.Main}, or with the {@code *Benchmark} classes, which are plain JMH; {@link
 * io.tagger.benchmarks.Plan} holds the bars.
 */
@NullMarked
package io.tagger.benchmarks;

import org.jspecify.annotations.NullMarked;
