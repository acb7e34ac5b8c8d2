package io.tagger.api;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** Waits by looking again and again, for taggers without a better way. */
final class Awaiting {
    /** The pause between two looks; a look costs some microseconds. */
    private static final long PAUSE_NANOS = 10_000_000;

    /** The pause between two questions to the collectors. */
    private static final long ASK_NANOS = 250_000_000;

    private Awaiting() {}

    /** Waits for a condition; false if the time is over. */
    static boolean until(Duration limit, BooleanSupplier condition) throws InterruptedException {
        long end = System.nanoTime() + Math.min(TimeUnit.NANOSECONDS.convert(limit), Long.MAX_VALUE / 2);
        while (!condition.getAsBoolean()) {
            long left = end - System.nanoTime();
            if (left <= 0) {
                return false;
            }
            LockSupport.parkNanos(Math.min(PAUSE_NANOS, left));
            if (Thread.interrupted()) {
                throw new InterruptedException();
            }
        }
        return true;
    }

    /** Looks an entity up until the tags are complete, or the time is over. */
    static Optional<EntityTags> complete(Tagger tagger, EntityId entity, Duration limit) throws InterruptedException {
        var look = new Object() {
            Optional<EntityTags> found = tagger.lookup(entity);
            long asked = System.nanoTime();
        };
        until(limit, () -> {
            if (look.found.filter(EntityTags::complete).isPresent()) {
                return true;
            }
            boolean asks = System.nanoTime() - look.asked > ASK_NANOS;
            look.found = asks ? tagger.lookup(entity) : tagger.entity(entity);
            look.asked = asks ? System.nanoTime() : look.asked;
            return look.found.filter(EntityTags::complete).isPresent();
        });
        return look.found;
    }
}
