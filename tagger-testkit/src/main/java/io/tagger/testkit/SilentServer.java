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
 * A source that hangs: it accepts connections, as the system does for every socket that is listened on, and never answers. Thread-safe.
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
     * @throws IOException if it can't
     */
    public static SilentServer onPort() throws IOException {
        return new SilentServer(ServerSocketChannel.open(), new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
    }

    /**
     * Listens on a Unix socket.
     *
     * @param socket its path, at which nothing is yet
     * @return the server
     * @throws IOException if it can't
     */
    public static SilentServer onSocket(Path socket) throws IOException {
        return new SilentServer(
                ServerSocketChannel.open(StandardProtocolFamily.UNIX), UnixDomainSocketAddress.of(socket));
    }

    /**
     * The port.
     *
     * @return its number
     * @throws IOException if it is closed
     * @throws ClassCastException if it listens on a Unix socket
     */
    public int port() throws IOException {
        return ((InetSocketAddress) channel.getLocalAddress()).getPort();
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
