package io.tagger.client;

import java.io.IOException;
import java.util.Arrays;

/** Puts the bytes of a body together to whole lines. On the client's thread. */
final class LineSplitter {
    /** Room for one entity with all tags: the protocol sets no limit on the tags of a source. */
    private static final int MOST_BYTES = 64 << 20;

    private static final int LEAST_BYTES = 4_096;
    private static final int KEPT_BYTES = 1 << 20;

    private final Lines receiver;
    private byte[] begun = new byte[LEAST_BYTES];
    private int begunEnd;

    /** Receives lines. */
    interface Lines {
        /** One or more whole lines; the last ends before the end. The bytes are valid during the call. */
        void lines(byte[] bytes, int from, int end) throws IOException;
    }

    LineSplitter(Lines receiver) {
        this.receiver = receiver;
    }

    void take(byte[] bytes, int from, int end) throws IOException {
        int start = from;
        if (begunEnd > 0) {
            while (start < end && bytes[start] != '\n') {
                start++;
            }
            keep(bytes, from, start);
            if (start == end) {
                return;
            }
            start++;
            int length = begunEnd;
            begunEnd = 0;
            receiver.lines(begun, 0, length);
            if (begun.length > KEPT_BYTES) {
                begun = new byte[LEAST_BYTES];
            }
        }
        int last = end - 1; // most bytes end with a line, or a few bytes behind
        while (last >= start && bytes[last] != '\n') {
            last--;
        }
        if (last > start) {
            receiver.lines(bytes, start, last);
        }
        keep(bytes, Math.max(start, last + 1), end);
    }

    /** Checks that the last line had its end. */
    void end() throws IOException {
        if (begunEnd > 0) {
            throw new IOException("the agent's answer ends in the middle of a line");
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
