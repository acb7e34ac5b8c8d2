package io.tagger.client;

import java.io.IOException;
import java.util.Arrays;

/** Splits the bytes of a body into lines. On the thread of the loop. */
final class LineSplitter {
    /** Room for one entity with all tags: the protocol sets no limit on the tags of a source. */
    private static final int MOST_BYTES = 64 << 20;

    private static final int KEPT_BYTES = 1 << 20;

    private final Line receiver;
    private byte[] begun = new byte[4_096];
    private int begunEnd;

    /** Receives a line. */
    interface Line {
        /** A line without its end; the bytes are valid during the call. */
        void line(byte[] bytes, int from, int end) throws IOException;
    }

    LineSplitter(Line receiver) {
        this.receiver = receiver;
    }

    void take(byte[] bytes, int from, int end) throws IOException {
        int start = from;
        for (int at = from; at < end; at++) {
            if (bytes[at] == '\n') {
                if (begunEnd == 0) {
                    line(bytes, start, at);
                } else {
                    keep(bytes, start, at);
                    int length = begunEnd;
                    begunEnd = 0;
                    line(begun, 0, length);
                    if (begun.length > KEPT_BYTES) {
                        begun = new byte[4_096];
                    }
                }
                start = at + 1;
            }
        }
        keep(bytes, start, end);
    }

    /** Checks that the last line had its end. */
    void end() throws IOException {
        if (begunEnd > 0) {
            throw new IOException("the agent's answer ends in the middle of a line");
        }
    }

    private void line(byte[] bytes, int from, int end) throws IOException {
        if (from < end) {
            receiver.line(bytes, from, end);
        }
    }

    private void keep(byte[] bytes, int from, int end) throws IOException {
        int length = end - from;
        if (begunEnd + (long) length > MOST_BYTES) {
            throw new IOException("the agent sends a line of more than " + (MOST_BYTES >> 20) + " MB");
        }
        if (begunEnd + length > begun.length) {
            begun = Arrays.copyOf(begun, (int) Math.min(MOST_BYTES, Math.max(begun.length * 2L, begunEnd + length)));
        }
        System.arraycopy(bytes, from, begun, begunEnd, length);
        begunEnd += length;
    }
}
