/** The tags of this process as common tags of all meters of Micrometer. */
@NullMarked
package io.tagger.micrometer;

import org.jspecify.annotations.NullMarked;
