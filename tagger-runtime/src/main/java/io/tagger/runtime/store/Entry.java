package io.tagger.runtime.store;

import io.tagger.api.Cardinality;
import io.tagger.api.EntityId;
import io.tagger.api.TagInfo;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;

/** What one source said of one entity. The tags never change; the book-keeping below them is guarded by the stripe's lock. */
final class Entry {
    static final long NEVER = Long.MAX_VALUE;

    final Source source;
    /** Low, then orchestrator, then high, sorted within each. */
    final String[] tags;

    final int lowEnd;
    final int orchestratorEnd;
    final String[] standard;
    final boolean complete;

    /** The last instance of the collector that said so. */
    int instance;
    /** When it was last said, on the store's own counter. */
    long sequence;
    /** Milliseconds since the epoch from which it no longer holds, or {@link #NEVER}. */
    long expiry = NEVER;
    /** When the stripe's queue of expiries looks at this entity and source next, or {@link #NEVER}. */
    long turn = NEVER;
    /** Whether the collector sent it by itself, so that it will also notice when it is over; false if it was only asked. */
    boolean pushed;

    Entry(Source source, TagInfo info, TagPool pool) {
        this.source = source;
        lowEnd = info.low().size();
        orchestratorEnd = lowEnd + info.orchestrator().size();
        String[] all = Arrays.copyOf(
                info.low().toArray(new String[0]), orchestratorEnd + info.high().size());
        copy(info.orchestrator(), all, lowEnd);
        copy(info.high(), all, orchestratorEnd);
        tags = pool.hold(all);
        standard = pool.hold(info.standard().toArray(new String[0]));
        complete = info.complete();
    }

    /** Whether the info would make the same entry. */
    boolean says(TagInfo info) {
        return complete == info.complete()
                && lowEnd == info.low().size()
                && orchestratorEnd - lowEnd == info.orchestrator().size()
                && tags.length - orchestratorEnd == info.high().size()
                && matches(info.low(), 0)
                && matches(info.orchestrator(), lowEnd)
                && matches(info.high(), orchestratorEnd)
                && Arrays.asList(standard).equals(info.standard());
    }

    void release(TagPool pool) {
        pool.release(tags);
        pool.release(standard);
    }

    Cardinality level(int index) {
        return index < lowEnd ? Cardinality.LOW : index < orchestratorEnd ? Cardinality.ORCHESTRATOR : Cardinality.HIGH;
    }

    TagInfo info(EntityId entity) {
        List<String> all = Arrays.asList(tags);
        TagInfo.Builder info = TagInfo.builder(source.name(), entity)
                .tags(Cardinality.LOW, all.subList(0, lowEnd))
                .tags(Cardinality.ORCHESTRATOR, all.subList(lowEnd, orchestratorEnd))
                .tags(Cardinality.HIGH, all.subList(orchestratorEnd, tags.length));
        for (String tag : standard) {
            int colon = tag.indexOf(':');
            info.standard(tag.substring(0, colon), tag.substring(colon + 1));
        }
        if (!complete) {
            info.incomplete();
        }
        if (expiry != NEVER) {
            info.expiry(Instant.ofEpochMilli(expiry));
        }
        return info.build();
    }

    private boolean matches(List<String> level, int from) {
        for (int i = 0; i < level.size(); i++) {
            if (!tags[from + i].equals(level.get(i))) {
                return false;
            }
        }
        return true;
    }

    private static void copy(List<String> level, String[] to, int from) {
        for (int i = 0; i < level.size(); i++) {
            to[from + i] = level.get(i);
        }
    }
}
