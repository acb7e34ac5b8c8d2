package io.tagger.store;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The logical clock for the detection of late fetched answers: the time is the number of fetches begun so far.
 * Thread-safe.
 *
 * <p>A <em>stamp</em> is such a time. Entries, deletions and withdrawals have a stamp. An answer is late, and refused,
 * if the fetch began at or before the stamp.
 */
final class FetchClock {
    private final AtomicLong begun = new AtomicLong();
    private final Set<Ticket> open = ConcurrentHashMap.newKeySet();

    /** Begins a fetch. */
    Ticket begin() {
        // The ticket opens with the lowest number, before its own number is known. Otherwise a prune in between could
        // forget a deletion stamped with the ticket's number.
        Ticket ticket = new Ticket(this);
        open.add(ticket);
        ticket.number = begun.incrementAndGet();
        return ticket;
    }

    void end(Ticket ticket) {
        open.remove(ticket);
    }

    /** The stamp of an event now. */
    long now() {
        return begun.get();
    }

    /** The number of the oldest open ticket; {@link Long#MAX_VALUE} if no fetch is under way. */
    long oldest() {
        return open.stream().mapToLong(ticket -> ticket.number).min().orElse(Long.MAX_VALUE);
    }
}
