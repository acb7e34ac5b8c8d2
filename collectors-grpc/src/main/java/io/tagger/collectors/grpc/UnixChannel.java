package io.tagger.collectors.grpc;

import io.grpc.ManagedChannel;
import io.grpc.okhttp.OkHttpChannelBuilder;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Executor;
import javax.net.SocketFactory;

/** Opens gRPC channels to Unix sockets. */
public final class UnixChannel {
    /** The largest message of the kubelet and of containerd. */
    private static final int MAX_MESSAGE = 16 << 20;

    private UnixChannel() {}

    /**
     * A channel to a socket. Connects at the first call, and again after a loss.
     *
     * @param socket the socket's file
     * @param executor runs the callbacks of the calls; once the executor refuses tasks, because the collector is being closed, the
     *     callbacks run on the thread of the channel, which could not end its connection otherwise
     * @return the channel, to be shut down by the caller
     */
    public static ManagedChannel open(Path socket, Executor executor) {
        return OkHttpChannelBuilder.forAddress("localhost", 1) // the name for the server; the factory has the address
                .usePlaintext()
                .socketFactory(new UnixSockets(socket))
                .executor(task -> run(task, executor))
                .maxInboundMessageSize(MAX_MESSAGE)
                .build();
    }

    private static void run(Runnable task, Executor executor) {
        try {
            executor.execute(task);
        } catch (RuntimeException e) { // refused; the callbacks themselves fail elsewhere
            task.run();
        }
    }

    /**
     * The folder on the way to a socket that the user of this process may not enter; such a socket looks like a missing file.
     *
     * @param socket the socket's file
     * @return the folder; empty if all folders can be entered, or do not exist
     */
    public static Optional<Path> closedFolder(Path socket) {
        for (Path folder = socket.getParent(); folder != null; folder = folder.getParent()) {
            if (Files.isDirectory(folder)) {
                return Files.isExecutable(folder) ? Optional.empty() : Optional.of(folder);
            }
        }
        return Optional.empty();
    }

    /** Connects every socket to the given file; the address has no effect. */
    private static final class UnixSockets extends SocketFactory {
        private final Path file;

        private UnixSockets(Path file) {
            this.file = file;
        }

        @Override
        public Socket createSocket() throws IOException {
            return UnixSocket.connected(file);
        }

        @Override
        public Socket createSocket(String host, int port) throws IOException {
            return createSocket();
        }

        @Override
        public Socket createSocket(String host, int port, InetAddress localHost, int localPort) throws IOException {
            return createSocket();
        }

        @Override
        public Socket createSocket(InetAddress host, int port) throws IOException {
            return createSocket();
        }

        @Override
        public Socket createSocket(InetAddress address, int port, InetAddress localAddress, int localPort)
                throws IOException {
            return createSocket();
        }
    }
}
