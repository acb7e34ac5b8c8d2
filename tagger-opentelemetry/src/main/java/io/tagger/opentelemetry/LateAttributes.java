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
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * The attributes that the agent tells only after the resource was made, for spans and log records. One thread asks the agent
 * at growing pauses up to a minute; the processors only read a field. Thread-safe.
 */
final class LateAttributes {
    private static final Duration FIRST_PAUSE = Duration.ofSeconds(1);
    private static final Duration LONGEST_PAUSE = Duration.ofMinutes(1);

    private final Attributes resource;
    private final Supplier<Found> agent;
    private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread named = new Thread(task, "tagger-otel");
        named.setDaemon(true);
        return named;
    });
    private Attributes first = Attributes.empty(); // of the agent; used by the thread alone
    private volatile Attributes late = Attributes.empty();

    private LateAttributes(Attributes resource, Supplier<Found> agent) {
        this.resource = resource;
        this.agent = agent;
    }

    /**
     * Begins to ask.
     *
     * @param resource the attributes of the resource, which are not repeated
     * @param agent asks the agent
     */
    static LateAttributes begin(Attributes resource, Supplier<Found> agent) {
        LateAttributes begun = new LateAttributes(resource, agent);
        begun.askAfter(FIRST_PAUSE);
        return begun;
    }

    private void askAfter(Duration pause) {
        thread.schedule(() -> ask(pause), pause.toMillis(), TimeUnit.MILLISECONDS);
    }

    private void ask(Duration pause) {
        Found found = agent.get();
        if (!found.attributes().isEmpty()) {
            first = first.isEmpty() ? found.attributes() : first;
            AttributesBuilder changed = found.attributes().toBuilder();
            changed.removeIf(key -> isKnown(key, found.attributes()));
            late = changed.build();
        }
        Duration next = pause.multipliedBy(2);
        if (!thread.isShutdown()) {
            askAfter(next.compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : next);
        }
    }

    /** Whether the resource has the attribute, from the agent with the present value, or from the user. */
    private boolean isKnown(AttributeKey<?> key, Attributes now) {
        Object value = resource.get(key);
        boolean isOfUser = value != null && !value.equals(first.get(key));
        return value != null && (isOfUser || value.equals(now.get(key)));
    }

    private CompletableResultCode end() {
        thread.shutdownNow();
        return CompletableResultCode.ofSuccess();
    }

    SpanProcessor spans() {
        return new SpanProcessor() {
            @Override
            public void onStart(Context parent, ReadWriteSpan span) {
                span.setAllAttributes(late);
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
                record.setAllAttributes(late);
            }

            @Override
            public CompletableResultCode shutdown() {
                return end();
            }
        };
    }
}
