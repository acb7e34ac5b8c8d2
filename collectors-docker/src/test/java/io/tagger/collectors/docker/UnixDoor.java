package io.tagger.collectors.docker;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** A Unix socket in front of a TCP port: the JDK's HTTP server, which plays the daemon, has no Unix socket. */
final class UnixDoor implements AutoCloseable {
    private final ServerSocketChannel door;
    private final int port;
    private final ExecutorService threads = Executors.newCachedThreadPool();

    UnixDoor(Path socket, int port) throws IOException {
        this.port = port;
        door = ServerSocketChannel.open(StandardProtocolFamily.UNIX).bind(UnixDomainSocketAddress.of(socket));
        threads.execute(this::accept);
    }

    private void accept() {
        try {
            while (true) {
                SocketChannel caller = door.accept();
                SocketChannel server =
                        SocketChannel.open(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
                threads.execute(() -> copy(caller, server));
                threads.execute(() -> copy(server, caller));
            }
        } catch (IOException e) {
            // The door is closed.
        }
    }

    private static void copy(SocketChannel from, SocketChannel to) {
        ByteBuffer buffer = ByteBuffer.allocate(8_192);
        try (from;
                to) {
            while (from.read(buffer) >= 0) {
                buffer.flip();
                while (buffer.hasRemaining()) {
                    to.write(buffer);
                }
                buffer.clear();
            }
        } catch (IOException e) {
            // One side has closed the connection.
        }
    }

    @Override
    public void close() throws IOException {
        door.close();
        threads.shutdownNow();
    }
}
