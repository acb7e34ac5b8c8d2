/** The question who this JVM is, and the places for the answer. These classes are apart from the application's. */
@NullMarked
package io.tagger.javaagent.identity;

import org.jspecify.annotations.NullMarked;
