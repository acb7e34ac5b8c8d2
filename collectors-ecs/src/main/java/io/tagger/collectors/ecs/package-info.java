/** Tags ECS tasks and their containers on a miss; a fetch-only collector. */
@NullMarked
package io.tagger.collectors.ecs;

import org.jspecify.annotations.NullMarked;
