/** The tags of this process in log lines of Logback and Log4j 2. */
@NullMarked
package io.tagger.logging;

import org.jspecify.annotations.NullMarked;
