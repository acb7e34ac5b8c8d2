package io.tagger.client;

import java.io.EOFException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.util.ArrayDeque;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/** The bytes to and from an agent over one connection, plain or encrypted. On the thread of the loop. */
final class Link implements EventLoop.Ready {
    /** Bytes of one read: many lines of a watch. */
    private static final int READ_BYTES = 256 * 1024;

    private final EventLoop loop;
    private final Endpoint endpoint;
    private final Receiver receiver;
    private final ByteBuffer incoming;
    private final Queue<ByteBuffer> outgoing = new ArrayDeque<>();
    private @Nullable SocketChannel channel;
    private @Nullable SelectionKey key;
    private @Nullable Tls tls;
    private boolean isPaused;
    private boolean isClosed;

    /** Receives the events of a connection. */
    interface Receiver {
        /** The connection stands, and takes bytes. */
        void connected();

        /** Bytes have come; they are valid during the call. */
        void received(byte[] bytes, int from, int end);

        /** The connection is lost; the last event. */
        void lost(Exception reason);
    }

    private Link(EventLoop loop, Endpoint endpoint, ByteBuffer incoming, Receiver receiver) {
        this.loop = loop;
        this.endpoint = endpoint;
        this.incoming = incoming;
        this.receiver = receiver;
    }

    /** A buffer for all links of a loop. */
    static ByteBuffer buffer() {
        return ByteBuffer.allocate(READ_BYTES);
    }

    /**
     * Opens a connection. The events come later, also that of a failure.
     *
     * @param incoming a {@link #buffer}, shared by the links of the loop
     */
    static Link open(EventLoop loop, Endpoint endpoint, ByteBuffer incoming, Receiver receiver) {
        Link link = new Link(loop, endpoint, incoming, receiver);
        loop.execute(link::begin);
        return link;
    }

    private void begin() {
        if (endpoint instanceof Endpoint.Tcp tcp) {
            // To look a name up, and to read certificates, may take seconds.
            Thread helper = new Thread(null, () -> prepare(tcp), "tagger-client-connect", 0, false);
            helper.setDaemon(true);
            helper.start();
        } else {
            connect(UnixDomainSocketAddress.of(((Endpoint.Unix) endpoint).path()));
        }
    }

    private void prepare(Endpoint.Tcp tcp) {
        try {
            Tls made = tcp.tls() ? Tls.to(tcp) : null;
            InetSocketAddress address = new InetSocketAddress(tcp.host(), tcp.port());
            if (address.isUnresolved()) {
                throw new IOException("the name '" + tcp.host() + "' is unknown");
            }
            loop.execute(() -> {
                tls = made;
                connect(address);
            });
        } catch (IOException | RuntimeException e) {
            loop.execute(() -> fail(e));
        }
    }

    private void connect(SocketAddress address) {
        if (isClosed) {
            return;
        }
        try {
            boolean isUnix = address instanceof UnixDomainSocketAddress;
            SocketChannel opened = isUnix ? SocketChannel.open(StandardProtocolFamily.UNIX) : SocketChannel.open();
            channel = opened;
            if (!isUnix) {
                opened.setOption(StandardSocketOptions.TCP_NODELAY, true);
            }
            SelectionKey registered = loop.register(opened, this);
            key = registered;
            if (opened.connect(address)) {
                connected();
            } else {
                registered.interestOps(SelectionKey.OP_CONNECT);
            }
        } catch (IOException | RuntimeException e) {
            fail(e);
        }
    }

    private void connected() throws IOException {
        if (tls != null) {
            tls.begin();
            progress(tls);
        } else {
            receiver.connected();
        }
        wish();
    }

    @Override
    public void ready() {
        SocketChannel open = channel;
        SelectionKey registered = key;
        if (isClosed || open == null || registered == null) {
            return;
        }
        try {
            if (registered.isConnectable()) {
                open.finishConnect();
                connected();
                return;
            }
            if (registered.isWritable()) {
                flush(open);
            }
            if (registered.isReadable()) {
                read(open);
            }
            wish();
        } catch (IOException | RuntimeException e) {
            fail(e);
        }
    }

    private void read(SocketChannel open) throws IOException {
        ByteBuffer buffer = tls == null ? incoming.clear() : tls.encrypted();
        int count = open.read(buffer);
        if (count < 0) {
            if (tls != null && tls.isEstablished()) {
                throw new IOException("the encrypted connection has ended without a word of the agent");
            }
            throw new EOFException("the agent has closed the connection");
        }
        if (tls == null) {
            receiver.received(buffer.array(), 0, buffer.position());
        } else {
            progress(tls);
        }
    }

    /** Continues the handshake, and passes decrypted bytes on. */
    private void progress(Tls over) throws IOException {
        boolean wasEstablished = over.isEstablished();
        over.progress(incoming.clear(), outgoing, () -> {
            if (over.isEstablished() && incoming.position() > 0) {
                int end = incoming.position();
                receiver.received(incoming.array(), 0, end);
            }
            incoming.clear();
        });
        if (!wasEstablished && over.isEstablished()) {
            receiver.connected();
        }
        flush();
    }

    /** Sends bytes; the array must not be changed any more. */
    void send(byte[] bytes) {
        if (isClosed) {
            return;
        }
        try {
            if (tls != null) {
                tls.encrypt(ByteBuffer.wrap(bytes), outgoing);
            } else {
                outgoing.add(ByteBuffer.wrap(bytes));
            }
            flush();
            wish();
        } catch (IOException | RuntimeException e) {
            // Not at once: the caller is in the middle of a step.
            loop.execute(() -> fail(e));
        }
    }

    private void flush() throws IOException {
        if (channel != null) {
            flush(channel);
        }
    }

    private void flush(SocketChannel open) throws IOException {
        while (!outgoing.isEmpty()) {
            ByteBuffer first = outgoing.element();
            open.write(first);
            if (first.hasRemaining()) {
                return;
            }
            outgoing.remove();
        }
    }

    private void wish() {
        SelectionKey registered = key;
        if (!isClosed && registered != null && registered.isValid()) {
            registered.interestOps(
                    (isPaused ? 0 : SelectionKey.OP_READ) | (outgoing.isEmpty() ? 0 : SelectionKey.OP_WRITE));
        }
    }

    /** Reads no more, so that the agent waits. */
    void pause() {
        isPaused = true;
        wish();
    }

    /** Reads again. */
    void resume() {
        isPaused = false;
        wish();
    }

    /** Closes the connection without an event. A second close has no effect. */
    void close() {
        isClosed = true;
        try {
            if (channel != null) {
                channel.close();
            }
        } catch (IOException e) {
            // The channel is of no use any more.
        }
    }

    private void fail(Exception reason) {
        if (!isClosed) {
            close();
            receiver.lost(reason);
        }
    }
}
