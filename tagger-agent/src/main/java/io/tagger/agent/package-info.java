/** The daemon: it collects, and serves what it has collected. Its commands are found by {@code io.tagger.cli}. */
@NullMarked
package io.tagger.agent;

import org.jspecify.annotations.NullMarked;
