package io.tagger.client;

import io.tagger.api.Cardinality;
import io.tagger.api.CollectorPriority;
import io.tagger.api.EntityId;
import io.tagger.api.TagInfo;
import io.tagger.client.EntityReport.Levels;
import io.tagger.client.EntityReport.SourceReport;
import io.tagger.client.store.Reported;
import io.tagger.client.store.Source;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Converts the agent's reports for the store. Thread-safe. */
final class SourceReports {
    private record Key(String name, CollectorPriority priority) {}

    private final Map<Key, Source> sources = new ConcurrentHashMap<>();

    /** The report of each source about an entity. */
    List<Reported> of(EntityReport report) {
        List<Reported> all = new ArrayList<>(report.sources().size());
        for (SourceReport one : report.sources()) {
            Levels tags = one.tags(report);
            Source source = source(one);
            all.removeIf(other -> other.source() == source); // a second report of a source counts in place of the first
            all.add(new Reported(
                    source, tags.low(), tags.orchestrator(), tags.high(), tags.standard(), one.complete()));
        }
        return all;
    }

    private Source source(SourceReport report) {
        Key key = new Key(report.name(), report.priority());
        Source known = sources.get(key);
        return known != null ? known : sources.computeIfAbsent(key, k -> new Source(k.name, k.priority));
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
