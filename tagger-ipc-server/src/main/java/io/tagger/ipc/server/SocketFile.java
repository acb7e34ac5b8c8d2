package io.tagger.ipc.server;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.util.EnumSet;
import java.util.Set;

/**
 * The right to serve a socket path: a lock on a file beside the socket, held as long as the server lives. The kernel
 * releases the lock at the end of the process, so a socket file with a free lock is stale.
 */
final class SocketFile implements AutoCloseable {
    /** {@code sun_path} in unix(7) has 108 bytes, including a final zero. */
    static final int MAX_BYTES = 107;

    private final Path socket;
    private final FileChannel channel;
    private final FileLock lock;

    private SocketFile(Path socket, FileChannel channel, FileLock lock) {
        this.socket = socket;
        this.channel = channel;
        this.lock = lock;
    }

    /**
     * Makes the directory if there is none, takes the lock and removes a stale socket.
     *
     * @throws IllegalStateException if the path can't be served; the message has the reason and the remedy
     */
    static SocketFile claim(Path socket) {
        int bytes = socket.toString().getBytes(StandardCharsets.UTF_8).length;
        if (bytes > MAX_BYTES) {
            throw new IllegalStateException("the socket path " + socket + " has " + bytes
                    + " bytes, and a Unix socket's may have " + MAX_BYTES + ": choose a shorter path");
        }
        if (Files.exists(socket, LinkOption.NOFOLLOW_LINKS) && !isSocket(socket)) {
            throw new IllegalStateException(
                    socket + " exists and is no socket: remove the file, or choose another path");
        }
        try {
            Path directory = socket.toAbsolutePath().getParent();
            Files.createDirectories(directory);
            SocketFile file = lock(socket);
            if (isServed(socket)) {
                file.letGo();
                throw new IllegalStateException(
                        "another program serves " + socket + ": stop that process, or choose another path");
            }
            Files.deleteIfExists(socket);
            return file;
        } catch (IOException e) {
            throw new IllegalStateException(
                    "the socket " + socket + " can't be made: " + e
                            + "; choose a path in a writable directory of this user",
                    e);
        }
    }

    private static SocketFile lock(Path socket) throws IOException {
        Path path = socket.resolveSibling(socket.getFileName() + ".lock");
        FileChannel channel = FileChannel.open(path, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        try {
            FileLock lock = channel.tryLock();
            if (lock != null) {
                return new SocketFile(socket, channel, lock);
            }
        } catch (OverlappingFileLockException e) {
            // This process holds the lock already; the answer is the same.
        }
        channel.close();
        throw new IllegalStateException("another agent serves " + socket + " (it holds " + path
                + "): stop that process, or choose another path");
    }

    private static boolean isServed(Path socket) {
        if (!Files.exists(socket)) {
            return false;
        }
        try (SocketChannel probe = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            return probe.connect(UnixDomainSocketAddress.of(socket));
        } catch (IOException e) {
            return false;
        }
    }

    private static boolean isSocket(Path path) {
        return !Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS)
                && !Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS)
                && !Files.isSymbolicLink(path);
    }

    /** Sets the permissions of the socket after its creation. */
    void permit(String mode) throws IOException {
        Files.setPosixFilePermissions(socket, permissions(mode));
    }

    /**
     * Reads permissions.
     *
     * @throws IllegalArgumentException if the text is not three octal digits, with a leading zero or without
     */
    static Set<PosixFilePermission> permissions(String mode) {
        if (!mode.matches("0?[0-7]{3}")) {
            throw new IllegalArgumentException(
                    "tagger.ipc.socket-mode is '" + mode + "', and must be octal, such as 0660");
        }
        int bits = Integer.parseInt(mode, 8);
        PosixFilePermission[] all = PosixFilePermission.values(); // from the owner's read to the others' execute
        Set<PosixFilePermission> permissions = EnumSet.noneOf(PosixFilePermission.class);
        for (int i = 0; i < all.length; i++) {
            if ((bits & 1 << all.length - 1 - i) != 0) {
                permissions.add(all[i]);
            }
        }
        return permissions;
    }

    /**
     * Removes the socket and releases the path. The lock file stays: after a removal two servers could lock two files
     * of one name.
     */
    @Override
    public void close() {
        if (!channel.isOpen()) {
            return;
        }
        try {
            Files.deleteIfExists(socket);
            letGo();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void letGo() throws IOException {
        lock.release();
        channel.close();
    }
}
