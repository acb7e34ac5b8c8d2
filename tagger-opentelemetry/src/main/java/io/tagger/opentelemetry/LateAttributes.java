package io.tagger.opentelemetry;

import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.common.AttributesBuilder;
import io.opentelemetry.context.Context;
import io.opentelemetry.sdk.common.CompletableResultCode;
import io.opentelemetry.sdk.logs.LogRecordProcessor;
import io.opentelemetry.sdk.logs.ReadWriteLogRecord;
import io.opentelemetry.sdk.trace.ReadWriteSpan;
import io.opentelemetry.sdk.trace.ReadableSpan;
import io.opentelemetry.sdk.trace.SpanProcessor;
import io.tagger.opentelemetry.OwnAttributes.Found;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.function.Supplier;

/**
 * The attributes known only after the start, for spans and log records. One thread asks the agent
 * at growing pauses up to a minute; the processors only read a field. Thread-safe.
 */
final class LateAttributes {
    private static final Duration FIRST_PAUSE = Duration.ofSeconds(1);
    private static final Duration LONGEST_PAUSE = Duration.ofMinutes(1);

    private final Attributes resource;
    private final Set<String> ofTheUser;
    private final Supplier<Found> agent;
    private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread named = new Thread(task, "tagger-otel");
        named.setDaemon(true);
        return named;
    });
    private volatile Attributes late = Attributes.empty();

    private LateAttributes(Attributes resource, Set<String> ofTheUser, Supplier<Found> agent) {
        this.resource = resource;
        this.ofTheUser = ofTheUser;
        this.agent = agent;
    }

    /**
     * Begins to ask.
     *
     * @param resource the attributes of the resource, never repeated
     * @param ofTheUser the names of the attributes set by the user; these have precedence
     * @param agent asks the agent
     */
    static LateAttributes begin(Attributes resource, Set<String> ofTheUser, Supplier<Found> agent) {
        LateAttributes begun = new LateAttributes(resource, ofTheUser, agent);
        begun.askAfter(FIRST_PAUSE);
        return begun;
    }

    private void askAfter(Duration pause) {
        thread.schedule(() -> ask(pause), pause.toMillis(), TimeUnit.MILLISECONDS);
    }

    private void ask(Duration pause) {
        Attributes found = agent.get().attributes();
        if (!found.isEmpty()) {
            AttributesBuilder changed = found.toBuilder();
            changed.removeIf(
                    key -> ofTheUser.contains(key.getKey()) || found.get(key).equals(resource.get(key)));
            late = changed.build();
        }
        Duration next = pause.multipliedBy(2);
        if (!thread.isShutdown()) {
            askAfter(next.compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : next);
        }
    }

    /** The late attributes without the attributes set by the application. */
    private Attributes without(Predicate<AttributeKey<?>> isSet) {
        return late.isEmpty() ? late : late.toBuilder().removeIf(isSet).build();
    }

    private CompletableResultCode end() {
        thread.shutdownNow();
        return CompletableResultCode.ofSuccess();
    }

    SpanProcessor spans() {
        return new SpanProcessor() {
            @Override
            public void onStart(Context parent, ReadWriteSpan span) {
                span.setAllAttributes(without(key -> span.getAttribute(key) != null));
            }

            @Override
            public boolean isStartRequired() {
                return true;
            }

            @Override
            public void onEnd(ReadableSpan span) {}

            @Override
            public boolean isEndRequired() {
                return false;
            }

            @Override
            public CompletableResultCode shutdown() {
                return end();
            }
        };
    }

    LogRecordProcessor records() {
        return new LogRecordProcessor() {
            @Override
            public void onEmit(Context context, ReadWriteLogRecord record) {
                record.setAllAttributes(without(key -> record.getAttribute(key) != null));
            }

            @Override
            public CompletableResultCode shutdown() {
                return end();
            }
        };
    }
}
