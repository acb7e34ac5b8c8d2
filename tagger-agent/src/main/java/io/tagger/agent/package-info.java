/**
 * The agent: one process a node that collects, serves and can be asked from the command line. {@link io.tagger.agent.Main} is the command,
 * {@link io.tagger.agent.Agent} the daemon.
 */
@NullMarked
package io.tagger.agent;

import org.jspecify.annotations.NullMarked;
