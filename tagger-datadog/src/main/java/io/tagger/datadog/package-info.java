/**
 * A port in place of a core agent's port: {@code trace-agent} and further processes of the Datadog Agent take tags from a
 * tagger.
 */
@NullMarked
package io.tagger.datadog;

import org.jspecify.annotations.NullMarked;
