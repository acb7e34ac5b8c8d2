package io.tagger.ipc.server;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.security.MessageDigest;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The token of callers, read from a file. Thread-safe. */
final class TokenFile {
    private static final Logger LOG = LoggerFactory.getLogger(TokenFile.class);
    private static final String SCHEME = "Bearer ";
    private static final int SHORTEST = 16;

    private final Path file;
    private volatile byte[] token;
    private String problem = ""; // of the last reload; on the event loop

    /**
     * Reads the file.
     *
     * @throws IllegalStateException if the file can't be read, other users may read it, or the token is short
     */
    TokenFile(Path file) {
        this.file = file;
        this.token = read(file);
    }

    private static byte[] read(Path file) {
        try {
            Set<PosixFilePermission> open = Files.getPosixFilePermissions(file);
            open.remove(PosixFilePermission.OWNER_READ);
            open.remove(PosixFilePermission.OWNER_WRITE);
            boolean isOwn =
                    Files.getAttribute(file, "unix:uid").equals(Files.getAttribute(Path.of("/proc/self"), "unix:uid"));
            if (!isOwn) {
                open.remove(
                        PosixFilePermission.GROUP_READ); // read by the group, as a volume of Kubernetes is (fsGroup)
            }
            if (!open.isEmpty()) {
                throw new IllegalStateException(
                        "the token file " + file + " is readable for other users: chmod 0600 " + file);
            }
            byte[] token = Files.readString(file).strip().getBytes(StandardCharsets.UTF_8);
            if (token.length < SHORTEST) {
                throw new IllegalStateException("the token in " + file + " has less than " + SHORTEST
                        + " characters; 'openssl rand -hex 32' makes a good token");
            }
            return token;
        } catch (IOException e) {
            throw new IllegalStateException("the token file " + file + " can't be read: " + e, e);
        }
    }

    /** Reads a changed token; an unfit token leaves the last token in place. */
    void reload() {
        try {
            token = read(file);
            if (!problem.isEmpty()) {
                LOG.info("the token file {} is good again, and in use", file);
                problem = "";
            }
        } catch (IllegalStateException e) {
            if (!problem.equals(e.getMessage())) {
                problem = String.valueOf(e.getMessage());
                LOG.warn("{}; the last token stays valid", problem);
            }
        }
    }

    /**
     * Whether an {@code Authorization} header has the token. The comparison takes equally long for wrong and right
     * tokens.
     */
    boolean isIn(@Nullable String header) {
        return header != null
                && header.regionMatches(true, 0, SCHEME, 0, SCHEME.length())
                && MessageDigest.isEqual(
                        token, header.substring(SCHEME.length()).strip().getBytes(StandardCharsets.UTF_8));
    }
}
