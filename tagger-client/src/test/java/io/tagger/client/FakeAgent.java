package io.tagger.client;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A server on a Unix socket that answers what a real agent never does: half lines, other protocols, silence. Answers each
 * request of a connection until the behaviour ends the connection.
 */
final class FakeAgent implements AutoCloseable {
    private final ServerSocketChannel server;
    private final Path socket;
    private final Behaviour behaviour;
    private final Set<SocketChannel> callers = ConcurrentHashMap.newKeySet();

    /** Answers a request. */
    interface Behaviour {
        /**
         * Writes an answer.
         *
         * @param path the path and query of the request
         * @return whether the connection stays open
         */
        boolean answer(String path, SocketChannel caller) throws IOException;
    }

    FakeAgent(Path socket, Behaviour behaviour) throws IOException {
        this.socket = socket;
        this.behaviour = behaviour;
        Files.deleteIfExists(socket);
        server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        server.bind(UnixDomainSocketAddress.of(socket));
        daemon(this::accept);
    }

    static void write(SocketChannel caller, String text) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
        while (bytes.hasRemaining()) {
            caller.write(bytes);
        }
    }

    private static void daemon(Runnable task) {
        Thread thread = new Thread(task, "fake-agent");
        thread.setDaemon(true);
        thread.start();
    }

    private void accept() {
        try {
            while (true) {
                SocketChannel caller = server.accept();
                callers.add(caller);
                daemon(() -> talk(caller));
            }
        } catch (IOException e) {
            // The test is over.
        }
    }

    private void talk(SocketChannel caller) {
        try (caller) {
            ByteBuffer request = ByteBuffer.allocate(65_536);
            while (caller.read(request.clear()) > 0) {
                String text = new String(request.array(), 0, request.position(), StandardCharsets.ISO_8859_1);
                if (!behaviour.answer(text.split(" ")[1], caller)) {
                    return;
                }
            }
        } catch (IOException e) {
            // The caller has gone.
        }
    }

    @Override
    public void close() throws IOException {
        server.close();
        for (SocketChannel caller : callers) {
            caller.close();
        }
        Files.deleteIfExists(socket);
    }
}
