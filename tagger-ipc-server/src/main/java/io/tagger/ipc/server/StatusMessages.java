package io.tagger.ipc.server;

import io.tagger.api.CollectorStatus;
import io.tagger.api.TaggerStatus;
import io.tagger.ipc.v1.Collector;
import io.tagger.ipc.v1.Issue;
import io.tagger.ipc.v1.StatusResponse;
import java.util.Locale;

/** Converts the status of a tagger into a message. */
final class StatusMessages {
    private StatusMessages() {}

    static StatusResponse of(TaggerStatus status) {
        TaggerStatus.Counters counters = status.counters();
        StatusResponse.Builder message = StatusResponse.newBuilder()
                .setMode(status.mode())
                .setReady(status.ready())
                .setEntities(status.entities())
                .putCounters("misses", counters.misses())
                .putCounters("timeouts", counters.timeouts())
                .putCounters("updates", counters.updates())
                .putCounters("prunes", counters.prunes())
                .putCounters("pruned", counters.pruned())
                .putCounters("late", counters.late())
                .putCounters("subscriptions", status.size().subscriptions())
                .addAllLineage(status.lineage());
        status.collectors().forEach(collector -> message.addCollectors(of(collector)));
        status.issues()
                .forEach(issue -> message.addIssues(Issue.newBuilder()
                        .setSeverity(issue.severity().name().toLowerCase(Locale.ROOT))
                        .setSubject(issue.subject())
                        .setMessage(issue.message())));
        return message.build();
    }

    private static Collector of(CollectorStatus status) {
        CollectorStatus.Counters counters = status.counters();
        return Collector.newBuilder()
                .setName(status.name())
                .setMode(status.mode().toString())
                .setState(status.state().toString())
                .setReason(status.reason())
                .setSinceMillis(status.since().toEpochMilli())
                .setSynced(status.synced())
                .setReady(status.ready())
                .setDegraded(status.degraded())
                .setEntities(status.entities())
                .setLastError(status.lastError())
                .putCounters("starts", counters.starts())
                .putCounters("infos", counters.infos())
                .putCounters("rejected", counters.rejected())
                .putCounters("fetches", counters.fetches())
                .putCounters("failures", counters.failures())
                .putCounters("timeouts", counters.timeouts())
                .build();
    }
}
