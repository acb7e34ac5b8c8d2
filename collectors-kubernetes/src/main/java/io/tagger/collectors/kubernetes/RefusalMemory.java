package io.tagger.collectors.kubernetes;

import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Asks the API server, and remembers failed questions: a refused question is left out for ten rounds, then tried again;
 * after three lost answers the server counts as down until the next round; a failure is reported once until the
 * question succeeds again.
 *
 * <p>Used by one round at a time; not thread-safe.
 */
final class RefusalMemory {
    private static final int ROUNDS_OFF = 10;
    private static final int MAX_LOST = 3;

    private final Clock clock;
    private final Duration pause;
    private final Consumer<String> problems;
    private final Map<String, Long> off =
            new HashMap<>(); // refused questions, with the end of their pause in milliseconds
    private Set<String> reported = Set.of(); // kinds of questions with a reported failure
    private final Set<String> failing = new HashSet<>(); // kinds of questions with a failure in this round
    private int lost;

    /** A question to the server. */
    interface Question<T extends @Nullable Object> {
        T ask() throws IOException, InterruptedException;
    }

    /** The replacement for a refused answer. */
    interface Otherwise<T> {
        @Nullable
        T ask() throws InterruptedException;
    }

    /**
     * Makes an empty memory.
     *
     * @param interval the time between two rounds
     * @param problems takes the reports
     */
    RefusalMemory(Clock clock, Duration interval, Consumer<String> problems) {
        this.clock = clock;
        this.pause = interval.multipliedBy(ROUNDS_OFF);
        this.problems = problems;
    }

    void beginRound() {
        lost = 0;
        long now = clock.millis();
        off.values()
                .removeIf(until -> now >= until || until - now > pause.toMillis()); // the clock may have been set back
    }

    void endRound() {
        reported = Set.copyOf(failing);
        failing.clear();
    }

    /** Answers lost in this round: the server was not reached, or the answer was unreadable. */
    int lost() {
        return lost;
    }

    /**
     * Asks a question, unless refused a short while ago.
     *
     * @param kind the kind of question; a failure is reported once for a kind
     * @param subject the subject; a question refused for one subject may be granted for another
     * @param before the answer of the last round, used if this answer is lost
     * @param refused the replacement for a refused answer
     * @param question the question
     */
    <T> @Nullable T ask(
            String kind,
            String subject,
            @Nullable T before,
            Otherwise<T> refused,
            Question<? extends @Nullable T> question)
            throws InterruptedException {
        String key = kind + "/" + subject;
        if (lost >= MAX_LOST) {
            failing.add(kind);
            return before;
        }
        if (clock.millis() < off.getOrDefault(key, Long.MIN_VALUE)) {
            failing.add(kind);
            return refused.ask();
        }
        try {
            return question.ask();
        } catch (AnswerException e) {
            if (!e.isRefusal()) {
                return lose(kind, e, before);
            }
            off.put(key, clock.millis() + pause.toMillis());
            report(kind, e.getMessage() + "; pods go without these tags; next attempt in " + pause);
            return refused.ask();
        } catch (IOException | RuntimeException e) { // an answer in an unexpected form concerns this question alone
            return lose(kind, e, before);
        }
    }

    private <T> @Nullable T lose(String kind, Exception failure, @Nullable T before) {
        lost++;
        report(kind, failure.getMessage() == null ? failure.toString() : failure.getMessage());
        return before;
    }

    private void report(String kind, @Nullable String problem) {
        boolean isFirst = failing.add(kind);
        if (isFirst && !reported.contains(kind)) {
            problems.accept(String.valueOf(problem));
        }
    }
}
