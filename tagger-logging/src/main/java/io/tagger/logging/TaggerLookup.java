package io.tagger.logging;

import org.apache.logging.log4j.core.LogEvent;
import org.apache.logging.log4j.core.config.plugins.Plugin;
import org.apache.logging.log4j.core.lookup.StrLookup;
import org.jspecify.annotations.Nullable;

/**
 * The lookup {@code tagger} of Log4j 2: {@code $${tagger:team:-none}} in a pattern is the value of the tag {@code team} of this
 * process at the time of the event, and {@code none} before the tag is known.
 *
 * <p>Never waits, and never fails. Thread-safe.
 */
@Plugin(name = "tagger", category = StrLookup.CATEGORY)
public final class TaggerLookup implements StrLookup {
    private final OwnTags tags = OwnTags.ofProcess();

    /** For Log4j. */
    public TaggerLookup() {}

    @Override
    public @Nullable String lookup(String name) {
        return tags.value(name);
    }

    @Override
    public @Nullable String lookup(LogEvent event, String name) {
        return tags.value(name);
    }
}
