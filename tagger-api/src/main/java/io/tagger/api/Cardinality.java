package io.tagger.api;

import java.util.Locale;

/**
 * The level of a tag: how many different values the tag takes over a fleet, and how detailed an answer is.
 *
 * <p>The constants are ordered, {@code LOW < ORCHESTRATOR < HIGH}, and cumulative: a question at one level gets the
 * tags of the level and of the levels below.
 */
public enum Cardinality {
    /** Few values in a fleet, common to many entities: image, service, namespace. Safe for every metric. */
    LOW,
    /** A value for each pod or task. */
    ORCHESTRATOR,
    /** A value for each container: container id, container name. */
    HIGH;

    /**
     * Reads a level from text.
     *
     * @param text {@code low}, {@code orchestrator}, {@code orch} or {@code high}, in any case
     * @return the level
     * @throws IllegalArgumentException if the text is no level; the message quotes the text and lists the choices
     */
    public static Cardinality parse(String text) {
        return switch (text.toLowerCase(Locale.ROOT)) {
            case "low" -> LOW;
            case "orchestrator", "orch" -> ORCHESTRATOR;
            case "high" -> HIGH;
            default ->
                throw new IllegalArgumentException("'" + EntityId.abbreviate(text)
                        + "' is no cardinality: take low, orchestrator (or orch) or high");
        };
    }

    /** The name in configuration and IPC: {@code low}, {@code orchestrator}, {@code high}. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
