package io.tagger.datadog;

/**
 * The bytes of all responses that clients have not taken, with a bound: clients without a reader can't fill the memory. Runs on
 * the event loop.
 */
final class UnreadBytes {
    /** Four full responses; the agent's heap has 128 MB by default. */
    private static final int MOST = 4 * PendingEvents.MOST;

    private final Runnable onRoom;
    private int bytes;

    /**
     * Begins with none.
     *
     * @param onRoom runs when there is room again for a response
     */
    UnreadBytes(Runnable onRoom) {
        this.onRoom = onRoom;
    }

    /** Whether a further full response has room. */
    boolean hasRoom() {
        return bytes + PendingEvents.MOST <= MOST;
    }

    void add(int more) {
        bytes += more;
    }

    void remove(int taken) {
        boolean wasFull = !hasRoom();
        bytes -= taken;
        if (wasFull && hasRoom()) {
            onRoom.run();
        }
    }
}
