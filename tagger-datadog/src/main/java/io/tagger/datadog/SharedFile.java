package io.tagger.datadog;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserPrincipalNotFoundException;
import java.time.Duration;
import java.time.Instant;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * A file shared by all Datadog processes of a machine, and made by the first process.
 *
 * <p>A core agent locks {@code FILE.lock} with flock(2) during the making of the file, and tries again each 500 ms while
 * the lock can't be opened. Java has no flock(2). So the lock here is a <em>folder</em> of the same name: making a folder is atomic,
 * fails while a core agent has its lock there, and a core agent can't open a folder as its lock. Not thread-safe.
 */
final class SharedFile {
    /** A lock of this age may have been left behind: longer than the making of a file, and shorter than the patience. */
    private static final Duration LEFT_BEHIND = Duration.ofSeconds(25);

    private static final Set<PosixFilePermission> OWNER = PosixFilePermissions.fromString("rw-------");

    private final Path file;
    private final Path lock;
    private final Duration patience;

    /**
     * Names a file.
     *
     * @param patience the longest wait for the making of the file by another process
     */
    SharedFile(Path file, Duration patience) {
        this.file = file.toAbsolutePath();
        this.lock = this.file.resolveSibling(file.getFileName() + ".lock");
        this.patience = patience;
    }

    /** Makes the content of a file. */
    interface Maker {
        String make() throws IOException;
    }

    /**
     * Reads the file; makes the file if there is none.
     *
     * @throws IllegalStateException if the file can't be read or made
     */
    String findOrMake(Maker maker) {
        try {
            String content = find();
            return content != null ? content : make(maker);
        } catch (AccessDeniedException e) {
            throw new IllegalStateException(
                    "the user " + System.getProperty("user.name") + " has no right to " + e.getFile()
                            + ": the agent must run as the user of the Datadog processes, or be given the right",
                    e);
        } catch (NoSuchFileException e) {
            throw new IllegalStateException(
                    "there is no folder " + file.getParent() + " for " + file.getFileName() + ": make the folder", e);
        } catch (IOException e) {
            throw new IllegalStateException(file + " can't be read or made: " + e, e);
        }
    }

    private @Nullable String find() throws IOException {
        try {
            return Files.readString(file);
        } catch (NoSuchFileException e) {
            return null;
        }
    }

    private String make(Maker maker) throws IOException {
        long end = System.nanoTime() + patience.toNanos();
        while (!lock()) {
            String content = find();
            if (content != null) {
                return content;
            }
            if (System.nanoTime() - end >= 0) {
                throw new IOException("another process has held " + lock + " for " + patience.toSeconds()
                        + " s without making the file; remove the lock if no Datadog process runs");
            }
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(50));
        }
        try {
            String content = find(); // made before the lock was free
            if (content == null) {
                content = maker.make();
                write(content);
            }
            return content;
        } finally {
            Files.deleteIfExists(lock);
        }
    }

    private boolean lock() throws IOException {
        try {
            Files.createDirectory(lock);
            return true;
        } catch (FileAlreadyExistsException e) {
            if (isLeftBehind()) {
                Files.deleteIfExists(lock);
            }
            return false;
        }
    }

    private boolean isLeftBehind() throws IOException {
        try {
            boolean isOld = Files.getLastModifiedTime(lock)
                    .toInstant()
                    .isBefore(Instant.now().minus(LEFT_BEHIND));
            return isOld && (Files.isDirectory(lock) || !isHeld());
        } catch (NoSuchFileException e) {
            return false; // the lock is free by now
        }
    }

    /** Whether a process has its flock(2) on the file, by the kernel's list: "1: FLOCK ADVISORY WRITE 71 fe:01:4711 0 EOF". */
    private boolean isHeld() throws IOException {
        String inode = ":" + Files.getAttribute(lock, "unix:ino") + " ";
        return Files.readAllLines(Path.of("/proc/locks")).stream().anyMatch(line -> line.contains(inode));
    }

    /** A reader finds the whole file or none. */
    private void write(String content) throws IOException {
        Path part = Files.createTempFile(
                file.getParent(), "tmp-artifact-", "", PosixFilePermissions.asFileAttribute(OWNER));
        try {
            try (FileChannel out = FileChannel.open(part, StandardOpenOption.WRITE)) {
                out.write(StandardCharsets.UTF_8.encode(content));
                out.force(true);
            }
            giveToAgentsUser(part);
            Files.move(part, file, StandardCopyOption.ATOMIC_MOVE);
        } finally {
            Files.deleteIfExists(part);
        }
    }

    /** As a core agent under root does: Datadog processes run as dd-agent. */
    private static void giveToAgentsUser(Path part) throws IOException {
        if (Files.getAttribute(part, "unix:uid").equals(0)) {
            try {
                Files.setOwner(
                        part,
                        part.getFileSystem().getUserPrincipalLookupService().lookupPrincipalByName("dd-agent"));
            } catch (UserPrincipalNotFoundException | FileSystemException e) {
                // A machine without the packages of Datadog, or root without this right: the processes run as root too.
            }
        }
    }
}
