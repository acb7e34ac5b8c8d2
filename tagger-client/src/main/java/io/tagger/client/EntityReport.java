package io.tagger.client;

import io.tagger.api.CollectorPriority;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The tags of an entity as the agent reports them: merged, and by source. Immutable.
 *
 * @param entity the entity's id, unchecked
 * @param tags the merged tags of all sources
 * @param complete whether the tags are complete
 * @param sources the report of each source, highest priority first
 */
public record EntityReport(String entity, Levels tags, boolean complete, List<SourceReport> sources) {
    /**
     * Tags by level. The lists of different entities may be the same objects.
     *
     * @param low the low tags
     * @param orchestrator the orchestrator tags
     * @param high the high tags
     * @param standard the standard tags, also among the low tags
     */
    public record Levels(List<String> low, List<String> orchestrator, List<String> high, List<String> standard) {
        /** No tags at all. */
        static final Levels NONE = new Levels(List.of(), List.of(), List.of(), List.of());

        /**
         * The tags of all levels.
         *
         * @return the low tags, then the orchestrator tags, then the high tags; the caller owns the list
         */
        public List<String> all() {
            List<String> all = new ArrayList<>(low);
            all.addAll(orchestrator);
            all.addAll(high);
            return all;
        }
    }

    /**
     * The report of a source.
     *
     * @param name the name of the source
     * @param priority the rank of the source where several sources use one name
     * @param complete whether the source marked its report as complete
     * @param own the tags of the source; null if they are the entity's tags
     */
    public record SourceReport(
            String name,
            CollectorPriority priority,
            boolean complete,
            @Nullable Levels own) {
        /**
         * The tags of the source.
         *
         * @param entity the report with this source
         * @return the tags
         */
        public Levels tags(EntityReport entity) {
            return own == null ? entity.tags : own;
        }
    }
}
