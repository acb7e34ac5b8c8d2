package io.tagger.client;

import java.util.List;

/**
 * The agent's answer to the question which tags an entity has.
 *
 * @param tags the tags at the level and below
 * @param complete whether the tags are complete
 */
public record TagAnswer(List<String> tags, boolean complete) {}
