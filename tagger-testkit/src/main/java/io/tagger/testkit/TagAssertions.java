package io.tagger.testkit;

import io.tagger.api.EntityId;
import io.tagger.api.TagInfo;
import java.time.Instant;
import java.util.List;
import org.assertj.core.api.AbstractAssert;
import org.assertj.core.api.Assertions;
import org.jspecify.annotations.Nullable;

/** AssertJ's assertions for what collectors tell. */
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
     * Begins assertions on all that a collector has told.
     *
     * @param sink what it was told to
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
         * Has these low tags, and no others.
         *
         * @param tags {@code name:value}, in any order
         * @return this
         */
        public InfoAssert hasLow(String... tags) {
            return has("low", there().low(), tags);
        }

        /**
         * Has these orchestrator tags, and no others.
         *
         * @param tags {@code name:value}, in any order
         * @return this
         */
        public InfoAssert hasOrchestrator(String... tags) {
            return has("orchestrator", there().orchestrator(), tags);
        }

        /**
         * Has these high tags, and no others.
         *
         * @param tags {@code name:value}, in any order
         * @return this
         */
        public InfoAssert hasHigh(String... tags) {
            return has("high", there().high(), tags);
        }

        /**
         * Has these standard tags, and no others.
         *
         * @param tags {@code name:value}, in any order
         * @return this
         */
        public InfoAssert hasStandard(String... tags) {
            return has("standard", there().standard(), tags);
        }

        /**
         * Says all that its source will know.
         *
         * @return this
         */
        public InfoAssert isComplete() {
            return holds(there().complete(), "be complete");
        }

        /**
         * Says that there is more to know.
         *
         * @return this
         */
        public InfoAssert isIncomplete() {
            return holds(!there().complete(), "be incomplete");
        }

        /**
         * Says that the entity is gone.
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

    /** Assertions on all that a collector has told. */
    public static final class SinkAssert extends AbstractAssert<SinkAssert, RecordingSink> {
        private SinkAssert(@Nullable RecordingSink sink) {
            super(sink, SinkAssert.class);
        }

        /**
         * Knows an entity now.
         *
         * @param entity the entity
         * @return assertions on what was last said of it
         */
        public InfoAssert tells(EntityId entity) {
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
         * Knows nothing of an entity, or no longer.
         *
         * @param entity the entity
         * @return this
         */
        public SinkAssert tellsNothingOf(EntityId entity) {
            isNotNull();
            if (actual.state().containsKey(entity)) {
                failWithMessage(
                        "Expected to tell nothing of %s, and tells %s",
                        entity, actual.state().get(entity));
            }
            return this;
        }
    }
}
