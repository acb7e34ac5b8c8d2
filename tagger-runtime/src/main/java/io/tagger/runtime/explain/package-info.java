/** Explanations: the origin of each tag of an entity, and the reasons for a missing tag. */
@NullMarked
package io.tagger.runtime.explain;

import org.jspecify.annotations.NullMarked;
