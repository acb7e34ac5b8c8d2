package io.tagger.collectors.kubernetes;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The files of a token, an authority, a certificate and a key, which may be replaced at any time. */
final class CredentialFiles {
    /**
     * The state of a file. A mounted secret is a link to a new directory after each change, so that the real path shows
     * a change too.
     */
    private record Seen(Path real, FileTime modified, long size) {}

    private final List<Path> paths;
    private List<Seen> seen = List.of();

    /** Takes the non-empty paths; a missing file is no error here. */
    CredentialFiles(String... paths) {
        this.paths =
                Stream.of(paths).filter(path -> !path.isEmpty()).map(Path::of).toList();
    }

    synchronized boolean haveChanged() {
        return !look().equals(seen);
    }

    /**
     * Records the state of the files. Called before they are read, so that a change in between is noticed next time.
     */
    synchronized void remember() {
        seen = look();
    }

    private List<Seen> look() {
        List<Seen> now = new ArrayList<>();
        for (Path path : paths) {
            try {
                Path real = path.toRealPath();
                now.add(new Seen(real, Files.getLastModifiedTime(real), Files.size(real)));
            } catch (IOException e) {
                now.add(new Seen(path, FileTime.fromMillis(0), -1)); // the file is missing, or just being replaced
            }
        }
        return now;
    }

    /** The missing credentials in words for an error; empty if no file is missing. */
    String missing() {
        String missing = paths.stream()
                .filter(path -> !Files.isReadable(path))
                .map(Path::toString)
                .collect(Collectors.joining(", "));
        return missing.isEmpty() ? "" : "; asked without " + missing + ", which can't be read";
    }

    @Override
    public String toString() {
        return paths.isEmpty()
                ? "a request without credentials"
                : "the credentials in " + paths.stream().map(Path::toString).collect(Collectors.joining(", "));
    }
}
