package io.tagger.api;

import java.util.List;

/**
 * The last report of one source about an entity, as a view without copies. Immutable. All lists are sorted, unmodifiable and
 * without duplicates, and each tag is on one level.
 */
public interface SourceTags {
    /**
     * The name of the source.
     *
     * @return the collector's name
     */
    String source();

    /**
     * The rank of the source where several sources use one tag name.
     *
     * @return the source's priority
     */
    CollectorPriority priority();

    /**
     * Whether the source reported all there is to know.
     *
     * @return as {@link TagInfo#complete}
     */
    boolean complete();

    /**
     * The low tags.
     *
     * @return {@code name:value} strings
     */
    List<String> low();

    /**
     * The orchestrator tags, without the low tags.
     *
     * @return {@code name:value} strings
     */
    List<String> orchestrator();

    /**
     * The high tags, without the low and orchestrator tags.
     *
     * @return {@code name:value} strings
     */
    List<String> high();

    /**
     * The standard tags, also among the low tags.
     *
     * @return {@code name:value} strings
     */
    List<String> standard();
}
