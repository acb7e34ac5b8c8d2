/**
 * A port that the processes of the Datadog Agent take for the one of their core agent: the tags of {@code trace-agent} and
 * others come from a tagger.
 */
@NullMarked
package io.tagger.datadog;

import org.jspecify.annotations.NullMarked;
