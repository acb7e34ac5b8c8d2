package io.tagger.store;

import java.util.Map;
import java.util.Objects;
import java.util.function.Predicate;

/**
 * The rules for the names of served tags, after the merge of all sources: names that are dropped, and names that are
 * replaced. Immutable, if the predicate is.
 *
 * @param dropped selects the names of tags that are not served, by the names before the renaming
 * @param renamed name to name; the values of a replaced name and of its new name add up
 */
public record NameRules(Predicate<String> dropped, Map<String, String> renamed) {
    /** All tags are served as merged. */
    public static final NameRules NONE = new NameRules(name -> false, Map.of());

    /** Copies the map. */
    public NameRules {
        Objects.requireNonNull(dropped, "dropped");
        renamed = Map.copyOf(renamed);
    }

    /**
     * The names of tags that are served under another name, or not at all.
     *
     * @param name the name of a merged tag
     * @return the name under which the tag is served; empty for a dropped tag
     */
    public String served(String name) {
        return dropped.test(name) ? "" : renamed.getOrDefault(name, name);
    }

    /** The rules of a store, which may change. Thread-safe. */
    static final class Holder {
        volatile NameRules rules = NONE;
    }
}
