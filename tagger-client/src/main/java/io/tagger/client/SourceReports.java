package io.tagger.client;

import io.tagger.api.Cardinality;
import io.tagger.api.EntityId;
import io.tagger.api.TagInfo;
import io.tagger.client.EntityReport.Levels;
import io.tagger.client.EntityReport.SourceReport;
import io.tagger.client.store.Reported;
import io.tagger.client.store.Source;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/** Converts the agent's reports for the store. Thread-safe. */
final class SourceReports {
    /** A handful, searched for every report. */
    private final List<Source> sources = new CopyOnWriteArrayList<>();

    /** The report of each source about an entity. */
    List<Reported> of(EntityReport report) {
        List<Reported> all = new ArrayList<>(report.sources().size());
        for (SourceReport one : report.sources()) {
            Levels tags = one.tags(report);
            Source source = source(one);
            for (int i = 0; i < all.size(); i++) {
                if (all.get(i).source() == source) {
                    all.remove(i--); // a second report of a source counts in place of the first
                }
            }
            all.add(new Reported(source, tags.lowLevel(), tags.orchestrator(), tags.high(), one.complete()));
        }
        return all;
    }

    private Source source(SourceReport report) {
        Source known = find(report);
        if (known != null) {
            return known;
        }
        synchronized (this) {
            Source again = find(report);
            if (again != null) {
                return again;
            }
            Source made = new Source(report.name(), report.priority());
            sources.add(made);
            return made;
        }
    }

    private @Nullable Source find(SourceReport report) {
        for (Source source : sources) {
            if (source.name().equals(report.name()) && source.priority() == report.priority()) {
                return source;
            }
        }
        return null;
    }

    /** The report of a source, under another name. */
    static TagInfo info(String name, EntityId id, EntityReport report, SourceReport source) {
        Levels tags = source.tags(report);
        TagInfo.Builder info = TagInfo.builder(name, id);
        info.tags(Cardinality.LOW, tags.low());
        info.tags(Cardinality.ORCHESTRATOR, tags.orchestrator());
        info.tags(Cardinality.HIGH, tags.high());
        info.standard(tags.standard());
        return source.complete() ? info.build() : info.incomplete().build();
    }
}
