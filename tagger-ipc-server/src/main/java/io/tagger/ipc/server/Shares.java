package io.tagger.ipc.server;

import java.util.HashMap;
import java.util.Map;

/**
 * A bounded quantity that peers share, such as connections or bytes. A peer may hold at most as much as is left free:
 * one peer alone gets half, and a further peer finds room. Not thread-safe.
 */
final class Shares {
    private final long limit;
    private final Map<String, Long> held = new HashMap<>();
    private long used;

    Shares(long limit) {
        this.limit = limit;
    }

    /** Whether a peer may take an amount now. */
    boolean has(String peer, long amount) {
        return held.getOrDefault(peer, 0L) + amount <= limit - used;
    }

    /** Takes an amount, if there is as much for the peer. */
    boolean take(String peer, long amount) {
        boolean isFree = has(peer, amount);
        if (isFree) {
            add(peer, amount);
        }
        return isFree;
    }

    /** Takes an amount without regard to the limit. */
    void add(String peer, long amount) {
        used += amount;
        held.merge(peer, amount, Long::sum);
    }

    void release(String peer, long amount) {
        used -= amount;
        held.computeIfPresent(peer, (same, now) -> now == amount ? null : Long.valueOf(now - amount));
    }

    long used() {
        return used;
    }
}
