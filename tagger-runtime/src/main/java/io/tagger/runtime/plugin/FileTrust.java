package io.tagger.runtime.plugin;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/** Says whether somebody besides this user and root may change a file with code, on a system with users. */
final class FileTrust {
    private static final int OTHERS_WRITE = 0002;
    private static final int STICKY = 01000;
    private static final int ROOT = 0;
    private static final int EFFECTIVE = 2; // the field of the line Uid

    private FileTrust() {}

    /** The reason not to trust a file or folder, with the command that mends it; empty if there is none. */
    static Optional<String> problemOf(Path path) {
        try {
            Map<String, Object> attributes = Files.readAttributes(path, "unix:mode,uid,owner");
            int mode = (Integer) attributes.get("mode");
            int user = (Integer) attributes.get("uid");
            boolean isSticky = Files.isDirectory(path) && (mode & STICKY) != 0; // nobody replaces another's files there
            if ((mode & OTHERS_WRITE) != 0 && !isSticky) {
                return Optional.of("everybody may write it, and its code would run as this user: chmod o-w " + path);
            }
            if (user != ROOT && user != self()) {
                return Optional.of("it belongs to " + attributes.get("owner")
                        + ", who is neither this user nor root: chown " + System.getProperty("user.name") + " " + path);
            }
            return Optional.empty();
        } catch (UnsupportedOperationException | IllegalArgumentException e) {
            return Optional.empty(); // a file system without users, or a system without these attributes
        } catch (IOException e) {
            return Optional.of("it can't be read: " + e);
        }
    }

    /** This user. The folder of a process with capabilities belongs to root; the status tells the user all the same. */
    private static int self() throws IOException {
        for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
            if (line.startsWith("Uid:")) {
                return Integer.parseInt(line.split("\\s+")[EFFECTIVE]);
            }
        }
        throw new IOException("no user in /proc/self/status");
    }
}
