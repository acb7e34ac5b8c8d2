package io.tagger.runtime.store;

import java.util.concurrent.ConcurrentHashMap;

/**
 * Keeps one string for all equal tags of a store. Counted, not weak: a tag is in here exactly as long as an entry holds it, and the
 * garbage collector has no reference queue to work through.
 *
 * <p>Thread-safe.
 */
final class TagPool {
    private final ConcurrentHashMap<String, Pooled> pool = new ConcurrentHashMap<>();

    /** Returns the array with each tag replaced by its one string, held once more. */
    String[] hold(String[] tags) {
        for (int i = 0; i < tags.length; i++) {
            tags[i] = pool.compute(tags[i], (tag, pooled) -> {
                        Pooled one = pooled == null ? new Pooled(tag) : pooled;
                        one.holders++;
                        return one;
                    })
                    .tag;
        }
        return tags;
    }

    void release(String[] tags) {
        for (String tag : tags) {
            pool.computeIfPresent(tag, (same, pooled) -> --pooled.holders == 0 ? null : pooled);
        }
    }

    int size() {
        return pool.size();
    }

    private static final class Pooled {
        final String tag;
        int holders; // written within compute only, which excludes others on the same tag

        Pooled(String tag) {
            this.tag = tag;
        }
    }
}
