package io.tagger.runtime.collect;

import java.util.List;

/**
 * The effect of a reload on the collectors. Immutable.
 *
 * @param restarted the collectors that were started anew with other settings, or from a replaced plugin
 * @param added the collectors that were not there before
 * @param removed the collectors whose plugin is gone
 * @param kept the collectors that go on as before
 */
public record Reloaded(List<String> restarted, List<String> added, List<String> removed, List<String> kept) {
    /** Copies the lists. */
    public Reloaded {
        restarted = List.copyOf(restarted);
        added = List.copyOf(added);
        removed = List.copyOf(removed);
        kept = List.copyOf(kept);
    }
}
