/**
 * A tagger that asks an agent over a socket, and answers from a replica of the agent's entities.
 *
 * <p>The entrance is {@link io.tagger.client.ClientTagger}.
 */
@NullMarked
package io.tagger.client;

import org.jspecify.annotations.NullMarked;
