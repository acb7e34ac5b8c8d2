/**
 * Tools for tests: a {@link io.tagger.testkit.FakeTagger} for programs that ask a tagger, contract tests for {@link
 * io.tagger.testkit.CollectorContractTest collectors} and {@link io.tagger.testkit.TaggerContractTest taggers}, and a
 * clock moved by hand.
 */
@NullMarked
package io.tagger.testkit;

import org.jspecify.annotations.NullMarked;
