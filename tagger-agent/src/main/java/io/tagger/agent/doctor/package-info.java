/** {@code tagger doctor}: findings about this machine, each with its remedy, and the archive for a report. */
@NullMarked
package io.tagger.agent.doctor;

import org.jspecify.annotations.NullMarked;
