package io.tagger.store;

import io.tagger.api.Cardinality;
import io.tagger.api.CollectorPriority;
import io.tagger.api.EntityId;
import io.tagger.api.SourceTags;
import io.tagger.api.TagInfo;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The tags of one source for one entity. The tags never change; the stripe's lock guards the other fields. */
final class Entry implements SourceTags {
    static final long NEVER = Long.MAX_VALUE;

    final Source source;
    final LowTags low;
    /** Orchestrator, then high, sorted within each. */
    final String[] own;

    final int orchestratorEnd;
    final boolean complete;

    /** Whether the pool holds the tags, so that the tags are shared and need a release. */
    final boolean pooled;

    /**
     * Whether the collector pushed the report, and will therefore report the entity's end; false for a fetched report.
     */
    boolean pushed;
    /** The last instance of the collector with this report. */
    int instance;
    /** The stamp of the last report. */
    long stamp;
    /** Null for an entry without an expiry, the common case. */
    @Nullable
    Lifetime lifetime;

    /** The lifetime of an entry; guarded by the stripe. */
    static final class Lifetime {
        /** The expiry in milliseconds since the epoch, or {@link #NEVER}. */
        long end = NEVER;
        /** When the stripe's queue of expiries looks at this entity and source next, or {@link #NEVER}. */
        long turn = NEVER;
    }

    /** An entry with the tags of an info, without the pool. */
    Entry(Source source, TagInfo info) {
        this(Reported.of(source, info));
    }

    /** An entry with the tags of a report, without the pool. */
    Entry(Reported report) {
        source = report.source();
        low = report.low().tags;
        orchestratorEnd = report.orchestrator().size();
        List<String> high = report.high();
        own = orchestratorEnd == 0 ? array(high) : joined(report.orchestrator(), high);
        complete = report.complete();
        pooled = false;
    }

    private static String[] joined(List<String> orchestrator, List<String> high) {
        String[] own = orchestrator.toArray(new String[orchestrator.size() + high.size()]);
        for (int i = orchestrator.size(), j = 0; i < own.length; i++, j++) {
            own[i] = high.get(j);
        }
        return own;
    }

    private Entry(Entry raw, TagPool pool) {
        source = raw.source;
        low = pool.hold(raw.low);
        orchestratorEnd = raw.orchestratorEnd;
        own = pool.hold(raw.own);
        complete = raw.complete;
        pooled = true;
        pushed = raw.pushed;
        instance = raw.instance;
        stamp = raw.stamp;
        lifetime = raw.lifetime;
    }

    /** A copy of this entry with pooled tags. */
    Entry in(TagPool pool) {
        return new Entry(this, pool);
    }

    /** Whether the info has the same content as this entry. */
    boolean matches(TagInfo info) {
        return complete == info.complete()
                && low.matches(info.low(), info.standard())
                && matchesOwn(info.orchestrator(), info.high());
    }

    /** Whether the report has the same content as this entry. */
    boolean matches(Reported report) {
        return complete == report.complete()
                && low.equals(report.low().tags)
                && matchesOwn(report.orchestrator(), report.high());
    }

    private boolean matchesOwn(List<String> orchestrator, List<String> high) {
        return TagList.matches(own, 0, orchestratorEnd, orchestrator)
                && TagList.matches(own, orchestratorEnd, own.length, high);
    }

    void release(TagPool pool) {
        if (pooled) {
            pool.release(low);
            pool.release(own);
        }
    }

    /** The tags of one level alone, sorted; not to be changed. */
    String[] level(Cardinality level) {
        return switch (level) {
            case LOW -> low.tags;
            case ORCHESTRATOR -> TagList.part(own, 0, orchestratorEnd);
            case HIGH -> TagList.part(own, orchestratorEnd, own.length);
        };
    }

    @Override
    public String source() {
        return source.name();
    }

    @Override
    public CollectorPriority priority() {
        return source.priority();
    }

    @Override
    public boolean complete() {
        return complete;
    }

    @Override
    public List<String> low() {
        return TagList.of(low.tags);
    }

    @Override
    public List<String> standard() {
        return TagList.of(low.standard);
    }

    @Override
    public List<String> orchestrator() {
        return TagList.of(own, 0, orchestratorEnd);
    }

    @Override
    public List<String> high() {
        return TagList.of(own, orchestratorEnd, own.length);
    }

    TagInfo info(EntityId entity) {
        TagInfo.Builder info = TagInfo.builder(source.name(), entity);
        for (Cardinality level : Cardinality.values()) {
            info.tags(level, Arrays.asList(level(level)));
        }
        info.standard(Arrays.asList(low.standard));
        if (!complete) {
            info.incomplete();
        }
        if (lifetime != null && lifetime.end != NEVER) {
            info.expiry(Instant.ofEpochMilli(lifetime.end));
        }
        return info.build();
    }

    private static String[] array(List<String> tags) {
        return tags.isEmpty() ? TagList.NONE : tags.toArray(new String[tags.size()]);
    }
}
