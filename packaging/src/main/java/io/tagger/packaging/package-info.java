/** Tools of the build: the image of the agent, and its manual. */
@NullMarked
package io.tagger.packaging;

import org.jspecify.annotations.NullMarked;
