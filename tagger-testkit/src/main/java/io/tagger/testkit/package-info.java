/**
 * For those who test against tagger: a {@link io.tagger.testkit.FakeTagger} for programs that ask, contract tests for those who implement a
 * {@link io.tagger.testkit.CollectorContractTest collector} or a {@link io.tagger.testkit.TaggerContractTest tagger}, and time that a test
 * moves by hand.
 */
@NullMarked
package io.tagger.testkit;

import org.jspecify.annotations.NullMarked;
