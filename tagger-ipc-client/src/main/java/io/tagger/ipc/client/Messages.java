package io.tagger.ipc.client;

import io.tagger.api.Cardinality;
import io.tagger.api.CollectorMode;
import io.tagger.api.CollectorPriority;
import io.tagger.api.CollectorState;
import io.tagger.api.CollectorStatus;
import io.tagger.api.EntityId;
import io.tagger.api.Issue;
import io.tagger.api.TagInfo;
import io.tagger.ipc.v1.Collector;
import io.tagger.ipc.v1.Entity;
import io.tagger.ipc.v1.Priority;
import io.tagger.store.Source;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Converts the agent's messages. Thread-safe. */
final class Messages {
    private record Key(String name, CollectorPriority priority) {}

    private final Map<Key, Source> sources = new ConcurrentHashMap<>();

    /** The report of each source about an entity. */
    Map<Source, TagInfo> reports(EntityId id, Entity entity) {
        if (entity.getSourcesCount() == 1) {
            io.tagger.ipc.v1.Source only = entity.getSources(0);
            return Map.of(source(only), info(only.getName(), id, entity, only));
        }
        Map<Source, TagInfo> reports = new HashMap<>();
        entity.getSourcesList()
                .forEach(source -> reports.put(source(source), info(source.getName(), id, entity, source)));
        return reports;
    }

    private Source source(io.tagger.ipc.v1.Source source) {
        Key key = new Key(source.getName(), priority(source.getPriority()));
        Source known = sources.get(key);
        return known != null ? known : sources.computeIfAbsent(key, k -> new Source(k.name, k.priority));
    }

    /** The report of a source, under another name. */
    static TagInfo info(String name, EntityId id, Entity entity, io.tagger.ipc.v1.Source source) {
        TagInfo.Builder info = TagInfo.builder(name, id);
        boolean all = source.getAll();
        info.tags(Cardinality.LOW, all ? entity.getLowList() : source.getLowList());
        info.tags(Cardinality.ORCHESTRATOR, all ? entity.getOrchestratorList() : source.getOrchestratorList());
        info.tags(Cardinality.HIGH, all ? entity.getHighList() : source.getHighList());
        info.standard(all ? entity.getStandardList() : source.getStandardList());
        return source.getComplete() ? info.build() : info.incomplete().build();
    }

    static CollectorPriority priority(Priority priority) {
        return switch (priority) {
            case NODE_ORCHESTRATOR -> CollectorPriority.NODE_ORCHESTRATOR;
            case CLUSTER_ORCHESTRATOR -> CollectorPriority.CLUSTER_ORCHESTRATOR;
            default -> CollectorPriority.NODE_RUNTIME;
        };
    }

    static List<CollectorStatus> collectors(List<Collector> collectors) {
        return collectors.stream()
                .map(collector -> new CollectorStatus(
                        collector.getName(),
                        CollectorMode.valueOf(collector.getMode().toUpperCase(Locale.ROOT)),
                        new CollectorStatus.Condition(
                                CollectorState.valueOf(collector.getState().toUpperCase(Locale.ROOT)),
                                collector.getReason(),
                                Instant.ofEpochMilli(collector.getSinceMillis())),
                        new CollectorStatus.Progress(
                                collector.getSynced(), readiness(collector), collector.getEntities()),
                        collector.getLastError(),
                        new CollectorStatus.Counters(
                                count(collector, "starts"),
                                count(collector, "infos"),
                                count(collector, "rejected"),
                                count(collector, "fetches"),
                                count(collector, "failures"),
                                count(collector, "timeouts"))))
                .toList();
    }

    private static CollectorStatus.Readiness readiness(Collector collector) {
        if (collector.getDegraded()) {
            return CollectorStatus.Readiness.DEGRADED;
        }
        return collector.getReady() ? CollectorStatus.Readiness.READY : CollectorStatus.Readiness.AWAITED;
    }

    private static long count(Collector collector, String name) {
        return collector.getCountersOrDefault(name, 0);
    }

    static List<Issue> issues(List<io.tagger.ipc.v1.Issue> issues) {
        return issues.stream()
                .map(issue -> new Issue(
                        issue.getSeverity().equals("error") ? Issue.Severity.ERROR : Issue.Severity.WARNING,
                        issue.getSubject(),
                        issue.getMessage()))
                .toList();
    }
}
