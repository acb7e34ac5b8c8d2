package io.tagger.testkit;

import io.tagger.api.EntityId;
import io.tagger.api.TagInfo;
import java.time.Instant;
import java.util.List;
import org.assertj.core.api.AbstractAssert;
import org.assertj.core.api.Assertions;
import org.jspecify.annotations.Nullable;

/** AssertJ assertions for the reports of collectors. */
public final class TagAssertions {
    private TagAssertions() {}

    /**
     * Begins assertions on an info.
     *
     * @param info the info
     * @return the assertions
     */
    public static InfoAssert assertThat(@Nullable TagInfo info) {
        return new InfoAssert(info);
    }

    /**
     * Begins assertions on all reports of a collector.
     *
     * @param sink the sink with the reports
     * @return the assertions
     */
    public static SinkAssert assertThat(@Nullable RecordingSink sink) {
        return new SinkAssert(sink);
    }

    /** Assertions on an info. */
    public static final class InfoAssert extends AbstractAssert<InfoAssert, TagInfo> {
        private InfoAssert(@Nullable TagInfo info) {
            super(info, InfoAssert.class);
        }

        /**
         * Has exactly the given low tags.
         *
         * @param tags {@code name:value}, in any order
         * @return this
         */
        public InfoAssert hasLow(String... tags) {
            return has("low", there().low(), tags);
        }

        /**
         * Has exactly the given orchestrator tags.
         *
         * @param tags {@code name:value}, in any order
         * @return this
         */
        public InfoAssert hasOrchestrator(String... tags) {
            return has("orchestrator", there().orchestrator(), tags);
        }

        /**
         * Has exactly the given high tags.
         *
         * @param tags {@code name:value}, in any order
         * @return this
         */
        public InfoAssert hasHigh(String... tags) {
            return has("high", there().high(), tags);
        }

        /**
         * Has exactly the given standard tags.
         *
         * @param tags {@code name:value}, in any order
         * @return this
         */
        public InfoAssert hasStandard(String... tags) {
            return has("standard", there().standard(), tags);
        }

        /**
         * Is complete: the source has no more to report.
         *
         * @return this
         */
        public InfoAssert isComplete() {
            return holds(there().complete(), "be complete");
        }

        /**
         * Is incomplete: the source may report more soon.
         *
         * @return this
         */
        public InfoAssert isIncomplete() {
            return holds(!there().complete(), "be incomplete");
        }

        /**
         * Is a deletion.
         *
         * @return this
         */
        public InfoAssert isDeletion() {
            return holds(there().deleteEntity(), "be a deletion");
        }

        /**
         * Holds until a moment.
         *
         * @param moment the expiry
         * @return this
         */
        public InfoAssert expires(Instant moment) {
            Assertions.assertThat(there().expiry()).as("expiry of %s", actual).contains(moment);
            return this;
        }

        private TagInfo there() {
            isNotNull();
            return actual;
        }

        private InfoAssert has(String level, List<String> seen, String... wanted) {
            Assertions.assertThat(seen)
                    .as("%s tags of %s", level, actual.entity())
                    .containsExactlyInAnyOrder(wanted);
            return this;
        }

        private InfoAssert holds(boolean seen, String wanted) {
            if (!seen) {
                failWithMessage("Expected to %s: %s", wanted, actual);
            }
            return this;
        }
    }

    /** Assertions on all reports of a collector. */
    public static final class SinkAssert extends AbstractAssert<SinkAssert, RecordingSink> {
        private SinkAssert(@Nullable RecordingSink sink) {
            super(sink, SinkAssert.class);
        }

        /**
         * Knows an entity now.
         *
         * @param entity the entity
         * @return assertions on the last report about the entity
         */
        public InfoAssert reports(EntityId entity) {
            isNotNull();
            TagInfo info = actual.state().get(entity);
            if (info == null) {
                failWithMessage(
                        "Expected to tell of %s, and tells of %s",
                        entity, actual.state().keySet());
            }
            return new InfoAssert(info);
        }

        /**
         * Has no report about an entity, or a deletion as the last report.
         *
         * @param entity the entity
         * @return this
         */
        public SinkAssert doesNotReport(EntityId entity) {
            isNotNull();
            if (actual.state().containsKey(entity)) {
                failWithMessage(
                        "Expected no report about %s, but found %s",
                        entity, actual.state().get(entity));
            }
            return this;
        }
    }
}
