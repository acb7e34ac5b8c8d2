/**
 * A tagger that asks an agent over its socket, and answers from a replica of what the agent knows.
 *
 * <p>The door is {@link io.tagger.ipc.client.ClientTagger}.
 */
@NullMarked
package io.tagger.ipc.client;

import org.jspecify.annotations.NullMarked;
