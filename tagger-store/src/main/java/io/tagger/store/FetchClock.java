package io.tagger.store;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The clock by which the store tells whether a fetched answer comes late: the time is the number of fetches begun so far. Thread-safe.
 *
 * <p>A <em>stamp</em> is such a time. Entries, deletions and withdrawals have one. An answer whose fetch began at or before the stamp is
 * older than the event and is refused.
 */
final class FetchClock {
    private final AtomicLong begun = new AtomicLong();
    private final Set<Ticket> open = ConcurrentHashMap.newKeySet();

    /** Begins a fetch. */
    Ticket begin() {
        // The ticket is open, as old as possible, before its number is known. Otherwise a prune in between could forget
        // a deletion that
        // has that number as its stamp.
        Ticket ticket = new Ticket(this);
        open.add(ticket);
        ticket.number = begun.incrementAndGet();
        return ticket;
    }

    void end(Ticket ticket) {
        open.remove(ticket);
    }

    /** The stamp of an event that happens now. */
    long now() {
        return begun.get();
    }

    /** The number of the oldest open ticket; {@link Long#MAX_VALUE} if no fetch is under way. */
    long oldest() {
        return open.stream().mapToLong(ticket -> ticket.number).min().orElse(Long.MAX_VALUE);
    }
}
