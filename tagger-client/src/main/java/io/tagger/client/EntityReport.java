package io.tagger.client;

import io.tagger.api.CollectorPriority;
import io.tagger.client.store.LowLevel;
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
    /** Tags by level. Immutable. */
    public static final class Levels {
        /** No tags at all. */
        static final Levels NONE = new Levels(LowLevel.NONE, List.of(), List.of());

        private final LowLevel low;
        private final List<String> orchestrator;
        private final List<String> high;

        Levels(LowLevel low, List<String> orchestrator, List<String> high) {
            this.low = low;
            this.orchestrator = orchestrator;
            this.high = high;
        }

        LowLevel lowLevel() {
            return low;
        }

        /**
         * The low tags.
         *
         * @return {@code name:value} strings, sorted
         */
        public List<String> low() {
            return low.low();
        }

        /**
         * The orchestrator tags.
         *
         * @return {@code name:value} strings, sorted
         */
        public List<String> orchestrator() {
            return orchestrator;
        }

        /**
         * The high tags.
         *
         * @return {@code name:value} strings, sorted
         */
        public List<String> high() {
            return high;
        }

        /**
         * The standard tags, also among the low tags.
         *
         * @return {@code name:value} strings, sorted
         */
        public List<String> standard() {
            return low.standard();
        }

        /**
         * The tags of all levels.
         *
         * @return the low tags, then the orchestrator tags, then the high tags; the caller owns the list
         */
        public List<String> all() {
            List<String> all = new ArrayList<>(low());
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
     * @param own the tags of the source; null for the entity's tags
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
