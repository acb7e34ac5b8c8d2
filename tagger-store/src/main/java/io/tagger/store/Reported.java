package io.tagger.store;

import io.tagger.api.TagInfo;
import java.util.List;

/**
 * The whole report of a source about an entity, for a store that follows another store. Each list is sorted and without
 * duplicates, and each tag is on one level.
 *
 * @param source the source
 * @param low the low tags and standard tags
 * @param orchestrator the orchestrator tags
 * @param high the high tags
 * @param complete whether the source reported all there is to know
 */
public record Reported(Source source, LowLevel low, List<String> orchestrator, List<String> high, boolean complete) {
    /**
     * The report of an info.
     *
     * @param source the source
     * @param info the info; no deletion
     * @return the report
     */
    public static Reported of(Source source, TagInfo info) {
        return new Reported(
                source, new LowLevel(info.low(), info.standard()), info.orchestrator(), info.high(), info.complete());
    }

    boolean isEmpty() {
        return low.isEmpty() && orchestrator.isEmpty() && high.isEmpty();
    }
}
