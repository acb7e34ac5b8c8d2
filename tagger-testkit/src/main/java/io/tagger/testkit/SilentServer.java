package io.tagger.testkit;

import java.io.Closeable;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Path;

/**
 * A hanging source: accepts connections, like the system for every listening socket, and never answers. Thread-safe.
 */
public final class SilentServer implements Closeable {
    private final ServerSocketChannel channel;

    private SilentServer(ServerSocketChannel channel, SocketAddress address) throws IOException {
        this.channel = channel;
        channel.bind(address);
    }

    /**
     * Listens on a free port of the loopback address.
     *
     * @return the server
     * @throws IOException if the port can't be opened
     */
    public static SilentServer onPort() throws IOException {
        return new SilentServer(ServerSocketChannel.open(), new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
    }

    /**
     * Listens on a Unix socket.
     *
     * @param socket the path; no file may exist there
     * @return the server
     * @throws IOException if the socket can't be opened
     */
    public static SilentServer onSocket(Path socket) throws IOException {
        return new SilentServer(
                ServerSocketChannel.open(StandardProtocolFamily.UNIX), UnixDomainSocketAddress.of(socket));
    }

    /**
     * The port.
     *
     * @return the number
     * @throws IOException if the server is closed
     * @throws ClassCastException if the server listens on a Unix socket
     */
    public int port() throws IOException {
        return ((InetSocketAddress) channel.getLocalAddress()).getPort();
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
