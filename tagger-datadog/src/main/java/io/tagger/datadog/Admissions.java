package io.tagger.datadog;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.impl.transports.NioTransport;
import io.vertx.core.net.NetServerOptions;
import io.vertx.core.transport.Transport;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The connections, from acceptance on: Vert.x does not show a connection before the end of the TLS handshake, and any user of
 * the machine can connect. A connection has a time for the first call with the token. Over the bound, the oldest connection
 * without the token gives way to a new connection. Thread-safe.
 */
final class Admissions {
    private final int most;
    private final Duration patience;
    private int open; // guarded by this
    private final Map<String, Channel> strangers = new LinkedHashMap<>(); // without the token; guarded by this

    /**
     * Begins without connections.
     *
     * @param most the number of connections
     * @param patience the time for the first call with the token
     */
    Admissions(int most, Duration patience) {
        this.most = most;
        this.patience = patience;
    }

    /** Lets a connection with the token stay. */
    synchronized void admit(HttpConnection connection) {
        strangers.remove(connection.remoteAddress().hostAddress() + ":"
                + connection.remoteAddress().port());
    }

    private static String name(Channel channel) {
        InetSocketAddress address = (InetSocketAddress) channel.remoteAddress();
        return address.getAddress().getHostAddress() + ":" + address.getPort();
    }

    private synchronized boolean accept(Channel channel, String name) {
        if (open >= most) {
            Iterator<Channel> oldest = strangers.values().iterator();
            if (!oldest.hasNext()) {
                return false;
            }
            Channel leaving = oldest.next();
            oldest.remove();
            leaving.close();
        }
        open++;
        strangers.put(name, channel);
        return true;
    }

    private synchronized void closed(Channel channel, String name) {
        open--;
        strangers.remove(name, channel);
    }

    private synchronized boolean isStranger(Channel channel, String name) {
        return strangers.get(name) == channel;
    }

    /** The transport of Vert.x, with these bounds. */
    Transport transport() {
        io.vertx.core.spi.transport.Transport bounded = new NioTransport() {
            @Override
            public void configure(NetServerOptions options, boolean domainSocket, ServerBootstrap bootstrap) {
                super.configure(options, domainSocket, bootstrap);
                bootstrap.handler(new Acceptance());
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
                return bounded;
            }
        };
    }

    private final class Acceptance extends ChannelInboundHandlerAdapter {
        @Override
        public void channelRead(ChannelHandlerContext context, Object accepted) {
            Channel channel = (Channel) accepted;
            if (!(channel.remoteAddress() instanceof InetSocketAddress)) {
                channel.unsafe().closeForcibly(); // closed by the caller meanwhile
                return;
            }
            String name = name(channel);
            if (!accept(channel, name)) {
                channel.unsafe().closeForcibly();
                return;
            }
            channel.closeFuture().addListener(closed -> closed(channel, name));
            context.fireChannelRead(accepted);
            context.executor()
                    .schedule(
                            () -> {
                                if (isStranger(channel, name)) {
                                    channel.close();
                                }
                            },
                            patience.toMillis(),
                            TimeUnit.MILLISECONDS);
        }
    }
}
