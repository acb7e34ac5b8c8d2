package io.tagger.runtime.store;

import io.tagger.api.Cardinality;
import io.tagger.api.EntityId;
import io.tagger.api.TagInfo;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What one source said of one entity. The tags never change; the book-keeping below them is guarded by the stripe's lock. */
final class Entry {
    static final long NEVER = Long.MAX_VALUE;

    final Source source;
    final LowTags low;
    /** Orchestrator, then high, sorted within each. */
    final String[] own;

    final int orchestratorEnd;
    final boolean complete;

    /** Whether the collector sent it by itself, so that it will also notice when it is over; false if it was only asked. */
    boolean pushed;
    /** The last instance of the collector that said so. */
    int instance;
    /** When it was last said, on the store's own counter. */
    long sequence;
    /** Null if it holds until it is replaced, as most do. */
    @Nullable
    Lifetime lifetime;

    /** How long an entry holds; guarded by the stripe. */
    static final class Lifetime {
        /** Milliseconds since the epoch from which it no longer holds, or {@link #NEVER}. */
        long end = NEVER;
        /** When the stripe's queue of expiries looks at this entity and source next, or {@link #NEVER}. */
        long turn = NEVER;
    }

    Entry(Source source, TagInfo info, TagPool pool) {
        this.source = source;
        low = pool.holdLow(info);
        orchestratorEnd = info.orchestrator().size();
        own = Arrays.copyOf(
                info.orchestrator().toArray(new String[0]),
                orchestratorEnd + info.high().size());
        for (int i = orchestratorEnd; i < own.length; i++) {
            own[i] = info.high().get(i - orchestratorEnd);
        }
        pool.hold(own);
        complete = info.complete();
    }

    /** Whether the info would make the same entry. */
    boolean says(TagInfo info) {
        return complete == info.complete()
                && low.says(info.low(), info.standard())
                && TagList.says(own, 0, orchestratorEnd, info.orchestrator())
                && TagList.says(own, orchestratorEnd, own.length, info.high());
    }

    void release(TagPool pool) {
        pool.release(low);
        pool.release(own);
    }

    /** The tags of one level alone, sorted. */
    List<String> level(Cardinality level) {
        return switch (level) {
            case LOW -> low.tags;
            case ORCHESTRATOR -> Arrays.asList(own).subList(0, orchestratorEnd);
            case HIGH -> Arrays.asList(own).subList(orchestratorEnd, own.length);
        };
    }

    /** Copies the tags of one level into an array, from a place on; returns the place behind them. */
    int copyTo(Cardinality level, String[] to, int at) {
        return switch (level) {
            case LOW -> low.tags.copyLow(to, at);
            case ORCHESTRATOR -> copy(0, orchestratorEnd, to, at);
            case HIGH -> copy(orchestratorEnd, own.length, to, at);
        };
    }

    private int copy(int from, int end, String[] to, int at) {
        System.arraycopy(own, from, to, at, end - from);
        return at + end - from;
    }

    TagInfo info(EntityId entity) {
        TagInfo.Builder info = TagInfo.builder(source.name(), entity);
        for (Cardinality level : Cardinality.values()) {
            info.tags(level, level(level));
        }
        for (String tag : low.standard) {
            int colon = tag.indexOf(':');
            info.standard(tag.substring(0, colon), tag.substring(colon + 1));
        }
        if (!complete) {
            info.incomplete();
        }
        if (lifetime != null && lifetime.end != NEVER) {
            info.expiry(Instant.ofEpochMilli(lifetime.end));
        }
        return info.build();
    }
}
