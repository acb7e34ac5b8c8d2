package io.tagger.ipc.server;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.nio.NioChannelOption;
import io.netty.util.ReferenceCountUtil;
import io.vertx.core.impl.transports.NioTransport;
import io.vertx.core.net.NetServerOptions;
import io.vertx.core.transport.Transport;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import jdk.net.ExtendedSocketOptions;
import jdk.net.UnixDomainPrincipal;
import org.jspecify.annotations.Nullable;

/** Shows every accepted connection to the {@link Connections}, with its peer. */
final class ObservedTransport {
    /**
     * Probes of a quiet TCP connection: a peer whose machine has vanished is noticed after 15 s, before the next heartbeat
     * of a watch. With unacknowledged data the kernel sends no probes, and gives up after its retransmissions.
     */
    private static final int KEEPALIVE_IDLE_SECONDS = 5;

    private static final int KEEPALIVE_INTERVAL_SECONDS = 5;
    private static final int KEEPALIVE_PROBES = 2;

    private ObservedTransport() {}

    /**
     * The transport for Vert.x. The transport shows every connection as soon as accepted: where HTTP/1 and HTTP/2 share
     * a socket, Vert.x does not show a connection before its first byte.
     */
    static Transport of(Connections connections) {
        io.vertx.core.spi.transport.Transport counting = new NioTransport() {
            @Override
            public void configure(NetServerOptions options, boolean domainSocket, ServerBootstrap bootstrap) {
                super.configure(options, domainSocket, bootstrap);
                bootstrap.handler(new Acceptance(connections, domainSocket));
                if (!domainSocket) {
                    bootstrap.childOption(
                            NioChannelOption.of(ExtendedSocketOptions.TCP_KEEPIDLE), KEEPALIVE_IDLE_SECONDS);
                    bootstrap.childOption(
                            NioChannelOption.of(ExtendedSocketOptions.TCP_KEEPINTERVAL), KEEPALIVE_INTERVAL_SECONDS);
                    bootstrap.childOption(NioChannelOption.of(ExtendedSocketOptions.TCP_KEEPCOUNT), KEEPALIVE_PROBES);
                }
            }
        };
        return new Transport() {
            @Override
            public String name() {
                return Transport.NIO.name();
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
                return counting;
            }
        };
    }

    /** Observes the connections accepted by a listening socket. */
    private static final class Acceptance extends ChannelInboundHandlerAdapter {
        private final Connections connections;
        private final boolean isUnixSocket;

        Acceptance(Connections connections, boolean isUnixSocket) {
            this.connections = connections;
            this.isUnixSocket = isUnixSocket;
        }

        @Override
        public void channelRead(ChannelHandlerContext context, Object accepted) {
            Channel channel = (Channel) accepted;
            if (connections.accept(channel, peer(channel), isUnixSocket)) {
                channel.closeFuture().addListener(closed -> connections.closed(channel));
                channel.pipeline().addLast(new FurtherBytes(connections));
                context.fireChannelRead(accepted);
            } else {
                channel.unsafe().closeForcibly();
            }
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable error) {
            OutOfMemory.escalate(error);
            context.fireExceptionCaught(error);
        }
    }

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

    private static String peer(Channel channel) {
        SocketAddress address = channel.remoteAddress();
        if (address instanceof InetSocketAddress internet) {
            return internet.getAddress().getHostAddress();
        }
        UnixDomainPrincipal user = channel.config().getOption(NioChannelOption.of(ExtendedSocketOptions.SO_PEERCRED));
        return user == null ? "unknown user" : "user " + user.user().getName();
    }
}
