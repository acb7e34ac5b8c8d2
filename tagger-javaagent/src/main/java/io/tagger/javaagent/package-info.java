/** The Java agent that tells a JVM its tags before the main class runs. */
@NullMarked
package io.tagger.javaagent;

import org.jspecify.annotations.NullMarked;
