/** {@code bin/tagger}: the commands that ask an agent; the agent's own commands are found on the class path. */
@NullMarked
package io.tagger.cli;

import org.jspecify.annotations.NullMarked;
