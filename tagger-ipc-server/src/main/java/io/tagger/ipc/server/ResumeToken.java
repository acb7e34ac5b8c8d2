package io.tagger.ipc.server;

import java.nio.ByteBuffer;
import java.util.HexFormat;
import java.util.OptionalLong;

/** The place to resume a watch from: the run of the server, and a revision. Opaque for callers. */
final class ResumeToken {
    private static final int BYTES = 2 * Long.BYTES;

    private ResumeToken() {}

    /** The token of a revision. */
    static byte[] of(Changes changes, long revision) {
        return ByteBuffer.allocate(BYTES)
                .putLong(changes.epoch())
                .putLong(revision)
                .array();
    }

    /** The revision of a token; empty for a token of another run, or from before deletions that are dropped. */
    static OptionalLong revision(Changes changes, ByteBuffer token) {
        return token.remaining() == BYTES
                        && token.getLong(0) == changes.epoch()
                        && changes.reaches(token.getLong(Long.BYTES))
                ? OptionalLong.of(token.getLong(Long.BYTES))
                : OptionalLong.empty();
    }

    /** The revision of a token in hexadecimal digits; empty as above, and for any other text. */
    static OptionalLong revision(Changes changes, String token) {
        try {
            return revision(changes, ByteBuffer.wrap(HexFormat.of().parseHex(token)));
        } catch (IllegalArgumentException e) {
            return OptionalLong.empty();
        }
    }
}
