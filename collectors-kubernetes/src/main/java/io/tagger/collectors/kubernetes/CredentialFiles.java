package io.tagger.collectors.kubernetes;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The files of a token, an authority, a certificate and its key: whoever issues them replaces them from time to time. */
final class CredentialFiles {
    /** A file as it was. A mounted secret is a link to another directory each time, so that the real path tells too. */
    private record Seen(Path real, FileTime modified, long size) {}

    private final List<Path> paths;
    private List<Seen> seen = List.of();

    /** Those of these that are not empty; one that does not exist is no error here. */
    CredentialFiles(String... paths) {
        this.paths =
                Stream.of(paths).filter(path -> !path.isEmpty()).map(Path::of).toList();
    }

    synchronized boolean haveChanged() {
        return !look().equals(seen);
    }

    /** Takes what is there now as what was read. Before reading it, so that a change in between is seen next time. */
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
                now.add(new Seen(path, FileTime.fromMillis(0), -1)); // it is not there, or just being replaced
            }
        }
        return now;
    }

    /** In words for an error: what should have been shown and is not there; empty if nothing is missing. */
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
