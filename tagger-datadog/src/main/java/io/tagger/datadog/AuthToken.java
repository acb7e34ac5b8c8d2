package io.tagger.datadog;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/** The token that callers send. Immutable. */
final class AuthToken {
    private static final String SCHEME = "Bearer ";
    /** The bound of the Datadog Agent. */
    private static final int SHORTEST = 32;

    private final byte[] token;

    private AuthToken(String token) {
        this.token = token.getBytes(StandardCharsets.UTF_8);
    }

    /**
     * Reads the token, and makes one if there is none.
     *
     * @throws IllegalStateException if the file can't be read or made, or has no token
     */
    static AuthToken of(Path file, Duration patience) {
        String token =
                new SharedFile(file, patience).findOrMake(AuthToken::random).strip();
        if (token.length() < SHORTEST) {
            throw new IllegalStateException(
                    "the token in " + file + " has less than " + SHORTEST
                            + " characters; a Datadog process makes a good one when the file is removed, and so does the tagger");
        }
        return new AuthToken(token);
    }

    private static String random() {
        byte[] bytes = new byte[SHORTEST];
        new SecureRandom().nextBytes(bytes);
        return HexFormat.of().formatHex(bytes);
    }

    /**
     * Whether an {@code Authorization} header has the token. The comparison takes equally long for wrong and right tokens.
     */
    boolean isIn(@Nullable String header) {
        return header != null
                && header.regionMatches(true, 0, SCHEME, 0, SCHEME.length())
                && MessageDigest.isEqual(
                        token, header.substring(SCHEME.length()).strip().getBytes(StandardCharsets.UTF_8));
    }
}
