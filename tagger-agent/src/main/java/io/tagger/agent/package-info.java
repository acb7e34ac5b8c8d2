/** The daemon: collects tags and serves them. {@code io.tagger.cli} finds the commands of this package. */
@NullMarked
package io.tagger.agent;

import org.jspecify.annotations.NullMarked;
