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
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.EnumSet;
import java.util.Set;

/**
 * The right to serve a socket path, and the way to it: the server binds in a private folder, and the socket moves to its
 * path with its permissions, so that no caller connects before. The right is a lock on a file beside the socket, held as
 * long as the server lives. The kernel
 * releases the lock at the end of the process, so a socket file with a free lock is stale.
 */
final class SocketFile implements AutoCloseable {
    /** {@code sun_path} in unix(7) has 108 bytes, including a final zero. */
    static final int MAX_BYTES = 107;

    private static final int RANDOM = 36 * 36 * 36 * 36;

    private static final Set<PosixFilePermission> PRIVATE = PosixFilePermissions.fromString("rwx------");
    private static final Set<PosixFilePermission> OWNERS = PosixFilePermissions.fromString("rw-------");

    /** The type of a file in its mode, and the type of a socket; inode(7). */
    private static final int TYPE = 0170000;

    private static final int SOCKET = 0140000;

    private final Path socket;
    private final Path binding;
    private final FileChannel channel;
    private final FileLock lock;

    private SocketFile(Path socket, FileChannel channel, FileLock lock) {
        this.socket = socket;
        String random = Integer.toString(new SecureRandom().nextInt(RANDOM) + RANDOM, Character.MAX_RADIX);
        binding = socket.resolveSibling(".b" + random).resolve("s");
        this.channel = channel;
        this.lock = lock;
    }

    /**
     * Makes the directory if there is none, takes the lock and removes a stale socket.
     *
     * @throws IllegalStateException if the path can't be served; the message has the reason and the remedy
     */
    static SocketFile claim(Path socket) {
        int bytes = Math.max(bytes(socket), bytes(socket.resolveSibling(".b00000")) + 2);
        if (bytes > MAX_BYTES) {
            throw new IllegalStateException("the socket path " + socket + " needs " + bytes
                    + " bytes, and a Unix socket's may have " + MAX_BYTES + ": choose a shorter path");
        }
        try {
            if (Files.exists(socket, LinkOption.NOFOLLOW_LINKS) && !isSocket(socket)) {
                throw new IllegalStateException(
                        socket + " exists and is no socket: remove the file, or choose another path");
            }
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

    private static int bytes(Path path) {
        return path.toString().getBytes(StandardCharsets.UTF_8).length;
    }

    private static SocketFile lock(Path socket) throws IOException {
        Path path = socket.resolveSibling(socket.getFileName() + ".lock");
        FileChannel channel = FileChannel.open(
                path,
                Set.of(StandardOpenOption.CREATE, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS),
                PosixFilePermissions.asFileAttribute(OWNERS));
        try {
            // Another user with the right to read could take the lock, and keep the agent from its start.
            Files.setPosixFilePermissions(path, OWNERS);
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

    private static boolean isSocket(Path path) throws IOException {
        return ((Integer) Files.getAttribute(path, "unix:mode", LinkOption.NOFOLLOW_LINKS) & TYPE) == SOCKET;
    }

    /** Makes the private folder, and returns the path to bind there. */
    Path binding() throws IOException {
        Files.createDirectory(binding.getParent(), PosixFilePermissions.asFileAttribute(PRIVATE));
        return binding;
    }

    /** Moves the bound socket to its path, with its permissions. */
    void publish(String mode) throws IOException {
        Files.setPosixFilePermissions(binding, permissions(mode));
        Files.move(binding, socket, StandardCopyOption.ATOMIC_MOVE);
        Files.delete(binding.getParent());
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
            Files.deleteIfExists(binding); // after a failed start
            Files.deleteIfExists(binding.getParent());
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
