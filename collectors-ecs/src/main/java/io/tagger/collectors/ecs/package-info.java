/** Tags of ECS tasks and of their containers, asked for on a miss. */
@NullMarked
package io.tagger.collectors.ecs;

import org.jspecify.annotations.NullMarked;
