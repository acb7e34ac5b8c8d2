package io.tagger.ipc.server;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import io.netty.channel.socket.nio.NioChannelOption;
import io.netty.channel.unix.PeerCredentials;
import io.netty.util.ReferenceCountUtil;
import io.tagger.origin.Origins;
import io.tagger.origin.Peer;
import io.vertx.core.impl.transports.EpollTransport;
import io.vertx.core.impl.transports.NioTransport;
import io.vertx.core.net.NetServerOptions;
import io.vertx.core.transport.Transport;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import jdk.net.ExtendedSocketOptions;
import jdk.net.UnixDomainPrincipal;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Shows every accepted connection to the {@link Connections}, with its peer. The native transport also tells the peer's
 * process; the JDK's sockets tell the user alone.
 */
final class ObservedTransport {
    private static final Logger LOG = LoggerFactory.getLogger(ObservedTransport.class);

    /** Probes of a quiet TCP connection: a peer whose machine has vanished is noticed within a minute. */
    private static final int KEEPALIVE_IDLE_SECONDS = 5;

    private static final int KEEPALIVE_INTERVAL_SECONDS = 5;
    private static final int KEEPALIVE_PROBES = 2;

    /**
     * The time after which unanswered probes, or unacknowledged data such as the heartbeat of a watch, end a TCP connection,
     * also that of a peer that reads nothing. Without the native transport the probes end after 15 s, and the kernel's
     * retransmissions after a quarter of an hour.
     */
    private static final int UNACKNOWLEDGED_MILLIS = 60_000;

    private ObservedTransport() {}

    /**
     * The transport for Vert.x. The transport shows every connection as soon as accepted: where HTTP/1 and HTTP/2 share
     * a socket, Vert.x does not show a connection before its first byte.
     */
    static Transport of(Connections connections, Origins origins) {
        boolean isNative = isNative();
        io.vertx.core.spi.transport.Transport observed = isNative
                ? new EpollTransport() {
                    @Override
                    public void configure(NetServerOptions options, boolean domainSocket, ServerBootstrap bootstrap) {
                        super.configure(options, domainSocket, bootstrap);
                        bootstrap.handler(new Acceptance(connections, origins, domainSocket));
                        if (!domainSocket) {
                            keepAlive(
                                    bootstrap,
                                    EpollChannelOption.TCP_KEEPIDLE,
                                    EpollChannelOption.TCP_KEEPINTVL,
                                    EpollChannelOption.TCP_KEEPCNT);
                            bootstrap.childOption(EpollChannelOption.TCP_USER_TIMEOUT, UNACKNOWLEDGED_MILLIS);
                        }
                    }
                }
                : new NioTransport() {
                    @Override
                    public void configure(NetServerOptions options, boolean domainSocket, ServerBootstrap bootstrap) {
                        super.configure(options, domainSocket, bootstrap);
                        bootstrap.handler(new Acceptance(connections, origins, domainSocket));
                        if (!domainSocket) {
                            keepAlive(
                                    bootstrap,
                                    NioChannelOption.of(ExtendedSocketOptions.TCP_KEEPIDLE),
                                    NioChannelOption.of(ExtendedSocketOptions.TCP_KEEPINTERVAL),
                                    NioChannelOption.of(ExtendedSocketOptions.TCP_KEEPCOUNT));
                        }
                    }
                };
        return new Transport() {
            @Override
            public String name() {
                return isNative ? Transport.EPOLL.name() : Transport.NIO.name();
            }

            @Override
            public boolean available() {
                return true;
            }

            @Override
            public @Nullable Throwable unavailabilityCause() {
                return null;
            }

            @Override
            public io.vertx.core.spi.transport.Transport implementation() {
                return observed;
            }
        };
    }

    /** Whether the native library can be loaded. An absence is logged: callers are then not told from the kernel. */
    private static boolean isNative() {
        try {
            Epoll.ensureAvailability();
            return true;
        } catch (UnsatisfiedLinkError e) {
            LOG.warn(
                    "Netty's native library can't be loaded, so that the process of a caller is unknown; /v1/self works for"
                            + " callers that send Tagger-Local-Data: {}",
                    e.getCause() == null ? e.toString() : e.getCause().toString());
            return false;
        }
    }

    private static void keepAlive(
            ServerBootstrap bootstrap,
            ChannelOption<Integer> idle,
            ChannelOption<Integer> interval,
            ChannelOption<Integer> probes) {
        bootstrap.childOption(idle, KEEPALIVE_IDLE_SECONDS);
        bootstrap.childOption(interval, KEEPALIVE_INTERVAL_SECONDS);
        bootstrap.childOption(probes, KEEPALIVE_PROBES);
    }

    /** Observes the connections accepted by a listening socket. */
    private static final class Acceptance extends ChannelInboundHandlerAdapter {
        private final Connections connections;
        private final Origins origins;
        private final boolean isUnixSocket;

        Acceptance(Connections connections, Origins origins, boolean isUnixSocket) {
            this.connections = connections;
            this.origins = origins;
            this.isUnixSocket = isUnixSocket;
        }

        @Override
        public void channelRead(ChannelHandlerContext context, Object accepted) {
            Channel channel = (Channel) accepted;
            Caller caller = caller(channel);
            if (connections.accept(channel, caller, isUnixSocket)) {
                channel.closeFuture().addListener(closed -> connections.closed(channel));
                if (isUnixSocket) {
                    channel.pipeline().addFirst(new SocketAuthority());
                }
                channel.pipeline().addLast(new FurtherBytes(connections));
                context.fireChannelRead(accepted);
            } else {
                channel.unsafe().closeForcibly();
            }
        }

        private Caller caller(Channel channel) {
            SocketAddress address = channel.remoteAddress();
            if (address instanceof InetSocketAddress internet) {
                return new Caller(
                        internet.getAddress().getHostAddress(),
                        new Peer.Unknown("the kernel names no process for a TCP connection"));
            }
            if (channel instanceof EpollDomainSocketChannel socket) {
                try {
                    PeerCredentials credentials = socket.peerCredentials();
                    return new Caller("user " + credentials.uid(), origins.peer(credentials.pid()));
                } catch (IOException e) {
                    return new Caller(
                            "unknown user", new Peer.Unknown("the connection has no credentials: " + e.getMessage()));
                }
            }
            UnixDomainPrincipal user =
                    channel.config().getOption(NioChannelOption.of(ExtendedSocketOptions.SO_PEERCRED));
            return new Caller(
                    user == null ? "unknown user" : "user " + user.user().getName(),
                    new Peer.Unknown(
                            "the agent runs without Netty's native library, so that the caller's process is unknown"));
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable error) {
            OutOfMemory.escalate(error);
            context.fireExceptionCaught(error);
        }
    }

    /**
     * The other end of a connection.
     *
     * @param name the user of a Unix socket, or the address of a TCP connection
     * @param process the process
     */
    record Caller(String name, Peer process) {}

    /**
     * Closes an HTTP/1 connection that sends further bytes during a watch. Vert.x would keep the bytes and read no more,
     * so that the end of the connection would never be noticed.
     */
    private static final class FurtherBytes extends ChannelInboundHandlerAdapter {
        private final Connections connections;

        FurtherBytes(Connections connections) {
            this.connections = connections;
        }

        @Override
        public void channelRead(ChannelHandlerContext context, Object bytes) {
            if (connections.isWatchOverHttp1(context.channel())) {
                ReferenceCountUtil.release(bytes);
                context.close();
            } else {
                context.fireChannelRead(bytes);
            }
        }
    }
}
