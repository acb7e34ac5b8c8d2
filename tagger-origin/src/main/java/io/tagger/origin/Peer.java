package io.tagger.origin;

/** The process at the other end of a connection, as the kernel names the process when the connection begins. Immutable. */
public sealed interface Peer {
    /**
     * A process.
     *
     * @param pid the process number, in the agent's pid namespace
     * @param start the start time, in clock ticks since the boot: another process with the number has another time
     */
    record Process(long pid, long start) implements Peer {}

    /**
     * No process.
     *
     * @param reason why the kernel names no process, in words for the caller
     */
    record Unknown(String reason) implements Peer {}
}
