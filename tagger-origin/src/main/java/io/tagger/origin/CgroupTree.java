package io.tagger.origin;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Finds the container of a cgroup directory by the directory's inode, in a folder that looks like {@code
 * /sys/fs/cgroup}: a process in a container sees the inode of its own cgroup directory, and the inode is the same outside.
 * Thread-safe.
 *
 * <p>On cgroup version 2 the folder itself is the hierarchy. On version 1 each controller has a hierarchy with inodes of
 * its own, and the inodes of the controller {@code memory} count, as with Datadog's clients.
 *
 * <p>An unknown inode costs a scan of the directories. All questions of one moment share a scan, at most four scans begin
 * in a second, and a scan reads at most 20,000 directories.
 */
final class CgroupTree {
    private static final long PAUSE_MILLIS = 250;
    private static final int MOST_DIRECTORIES = 20_000;
    private static final int DEEPEST = 32;
    private static final int LINKS_OF_A_LEAF = 2;

    private final Path folder;
    private final Executor executor;
    private final Executor later;

    private volatile Map<Long, Place> places = Map.of();
    private @Nullable CompletableFuture<Void> next; // guarded by this; the scan to come
    private boolean isResting; // guarded by this; a scan began less than a pause ago

    /**
     * The container of a directory.
     *
     * @param container the id of the container
     * @param pod the UID of the pod; empty outside of pods
     * @param directory the directory
     */
    record Place(String container, Optional<String> pod, Path directory) {}

    /** A directory to read. */
    private record Directory(Path path, String cgroup, int depth) {}

    CgroupTree(Path folder, Executor executor) {
        this(folder, executor, CompletableFuture.delayedExecutor(PAUSE_MILLIS, TimeUnit.MILLISECONDS, executor));
    }

    /**
     * Makes a tree that has read nothing.
     *
     * @param folder usually {@code /sys/fs/cgroup}
     * @param executor runs the scans
     * @param later runs a task after the pause between scans
     */
    CgroupTree(Path folder, Executor executor, Executor later) {
        this.folder = folder;
        this.executor = executor;
        this.later = later;
    }

    /** Whether there are cgroups to search. */
    boolean isMounted() {
        return Files.isDirectory(Cgroups.hierarchy(folder));
    }

    /** The container of an inode; empty for the root's inode, or without such a directory of a container. */
    CompletableFuture<Optional<Place>> find(long inode) {
        if (inode <= Cgroups.ROOT) {
            return CompletableFuture.completedFuture(Optional.empty());
        }
        Optional<Place> known = known(inode);
        return known.isPresent() ? CompletableFuture.completedFuture(known) : scan().thenApply(nothing -> known(inode));
    }

    /** The container of an inode from the last scan, if the directory is still there. */
    Optional<Place> known(long inode) {
        Place place = places.get(inode);
        return place != null
                        && attributes(place.directory)
                                .filter(now -> now.inode == inode)
                                .isPresent()
                ? Optional.of(place)
                : Optional.empty();
    }

    /** A scan that begins after this call. */
    private CompletableFuture<Void> scan() {
        CompletableFuture<Void> scan;
        synchronized (this) {
            if (next != null) {
                return next;
            }
            scan = new CompletableFuture<>();
            next = scan;
            if (isResting) {
                return scan;
            }
            isResting = true;
        }
        executor.execute(this::run);
        return scan;
    }

    private void run() {
        CompletableFuture<Void> scan;
        synchronized (this) {
            scan = next;
            next = null;
            if (scan == null) {
                isResting = false;
                return;
            }
        }
        try {
            places = read();
        } finally {
            later.execute(this::run);
            scan.complete(null);
        }
    }

    private Map<Long, Place> read() {
        Map<Long, Place> found = new HashMap<>();
        Deque<Directory> open = new ArrayDeque<>();
        open.add(new Directory(Cgroups.hierarchy(folder), "", 0));
        for (int read = 0; read < MOST_DIRECTORIES && !open.isEmpty(); read++) {
            read(open.poll(), found, open);
        }
        return found;
    }

    private static void read(Directory directory, Map<Long, Place> found, Deque<Directory> open) {
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory.path)) {
            for (Path entry : entries) {
                Attributes attributes = attributes(entry).orElse(null);
                if (attributes == null) {
                    continue;
                }
                String cgroup = directory.cgroup + "/" + entry.getFileName();
                CgroupPath.container(cgroup)
                        .ifPresent(id -> found.put(attributes.inode, new Place(id, CgroupPath.pod(cgroup), entry)));
                // The kernel counts a link for each directory below: a leaf, the common case, need not be read.
                if (attributes.links != LINKS_OF_A_LEAF && directory.depth < DEEPEST) {
                    open.add(new Directory(entry, cgroup, directory.depth + 1));
                }
            }
        } catch (IOException | DirectoryIteratorException | UncheckedIOException e) {
            // The directory has gone meanwhile, or is hidden from this user.
        }
    }

    /** The attributes of a directory; empty for a file, or if there is no such directory. */
    private static Optional<Attributes> attributes(Path path) {
        try {
            Map<String, Object> all =
                    Files.readAttributes(path, "unix:ino,nlink,isDirectory", LinkOption.NOFOLLOW_LINKS);
            return Boolean.TRUE.equals(all.get("isDirectory"))
                    ? Optional.of(new Attributes((Long) all.get("ino"), (Integer) all.get("nlink")))
                    : Optional.empty();
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    private record Attributes(long inode, int links) {}
}
