package io.tagger.runtime.collect;

import io.tagger.api.CollectorState;
import io.tagger.api.CollectorStatus;
import io.tagger.api.EntityId;
import io.tagger.api.Explanation;
import io.tagger.api.Issue;
import io.tagger.api.collector.CollectorUnavailableException;
import io.tagger.store.Snapshot;
import io.tagger.store.Source;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** The questions to the running instance of one collector: on misses, and for explanations. Thread-safe. */
final class Misses {
    private final HostedCollector host;
    private final CallerEconomy callers;
    private final Questions questions;

    Misses(HostedCollector host) {
        this.host = host;
        callers = new CallerEconomy(
                host.name(), host.settings().callers(), host.services().clock());
        questions = new Questions(
                host.services(),
                host.sources().own(),
                host.guard(),
                host.counters(),
                host.threads().named("-fetch"),
                this::fetchesHang);
    }

    /**
     * Asks about an entity, if an instance runs, the answer is not remembered, and the caller may cause a question.
     *
     * @param caller a caller outside of this process; null for this process
     * @return completes when the question is over; null if no question was asked
     */
    @Nullable
    CompletableFuture<Void> ask(EntityId entity, @Nullable String caller) {
        Attempt attempt = host.running();
        return attempt == null ? null : questions.ask(entity, attempt, () -> caller == null || callers.mayAsk(caller));
    }

    /** Asks again, in the background, about an entity whose answer has run out. */
    void refresh(EntityId entity) {
        Attempt attempt = host.running();
        if (attempt != null && attempt.answersHoldFor().isPresent()) {
            questions.ask(entity, attempt, () -> true);
        }
    }

    /** Whether a question now is of no use: the collector has answered, or does not run. */
    boolean isSettled(EntityId entity, @Nullable Snapshot snapshot) {
        return host.running() == null || questions.isAnswered(entity, snapshot);
    }

    /**
     * Whether the collector has given a final answer, or is not used here. A collector that starts, waits, or has failed
     * makes no truth: the entity may have appeared or changed meanwhile.
     */
    boolean isComplete(EntityId entity, @Nullable Snapshot snapshot) {
        Attempt attempt = host.running();
        return attempt == null
                ? host.isOutOfUse()
                : questions.isAnswered(entity, snapshot)
                        && !(attempt.answersHoldFor().isPresent() && questions.isFailing(entity));
    }

    /** Whether the tags are not final for another reason than that nobody has asked yet. */
    boolean lacksAnswer(EntityId entity, @Nullable Snapshot snapshot) {
        return !isComplete(entity, snapshot) && (host.running() == null || questions.isFailing(entity));
    }

    /** Whether the collector has answered about an entity: with complete tags, or "not found". */
    boolean isAnswered(EntityId entity, @Nullable Snapshot snapshot) {
        return questions.isAnswered(entity, snapshot);
    }

    /** The number of remembered answers without tags. */
    int remembered() {
        return questions.remembered();
    }

    /**
     * Asks the running instance for the origins of an entity's tags.
     *
     * @param snapshot the present snapshot; null if the entity is unknown
     * @return completes with the answer of the collector, at the deadline of a fetch at the latest
     */
    CompletableFuture<Explanation.Source> explain(EntityId entity, @Nullable Snapshot snapshot) {
        return new Explaining(host, entity).ask(host.running(), answer(entity, snapshot), isComplete(entity, snapshot));
    }

    private String answer(EntityId entity, @Nullable Snapshot snapshot) {
        Source own = host.sources().own();
        if (snapshot != null && snapshot.isReportedBy(own)) {
            return snapshot.isAnsweredBy(own) ? "has reported tags" : "has reported tags, and more may follow";
        } else if (host.running() == null) {
            CollectorStatus now = host.status();
            return (now.state() == CollectorState.ABSENT
                            ? "is not used here"
                            : "was not asked, because it is " + now.state())
                    + (now.reason().isEmpty() ? "" : ": " + now.reason());
        } else if (!host.plugin().entityPrefixes().contains(entity.prefix())) {
            return "is not asked about " + entity.prefix();
        } else if (questions.isAnswered(entity, snapshot)) {
            return "does not know the entity";
        }
        return questions.isFailing(entity)
                ? "gave no answer: " + host.counters().lastError()
                : "was not asked yet";
    }

    private void fetchesHang(int count) {
        Attempt attempt = host.running();
        if (attempt != null) {
            host.ended(
                    attempt,
                    CollectorUnavailableException.retry("all " + count + " fetches that may run in parallel hang"));
        }
    }

    /** Forgets the answers of earlier instances, for a new instance. */
    void renew() {
        questions.renew();
    }

    /** Forgets lapsed answers. */
    void lapse() {
        questions.forgetLapsed();
        callers.lapse();
    }

    /** Problems with callers. */
    List<Issue> issues() {
        return callers.issues();
    }

    /** Releases all callers. */
    void close() {
        questions.close();
    }
}
