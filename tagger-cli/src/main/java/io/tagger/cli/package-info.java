/** {@code bin/tagger}: the commands that ask an agent; those that are one are found on the class path. */
@NullMarked
package io.tagger.cli;

import org.jspecify.annotations.NullMarked;
