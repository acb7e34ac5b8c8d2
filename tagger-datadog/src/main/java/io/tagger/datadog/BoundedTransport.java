package io.tagger.datadog;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.vertx.core.impl.transports.NioTransport;
import io.vertx.core.net.NetServerOptions;
import io.vertx.core.transport.Transport;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Closes connections over a bound as soon as accepted: Vert.x does not show a connection before the end of the TLS handshake,
 * and any user of the machine can connect.
 */
final class BoundedTransport {
    private BoundedTransport() {}

    static Transport of(int most) {
        io.vertx.core.spi.transport.Transport bounded = new NioTransport() {
            @Override
            public void configure(NetServerOptions options, boolean domainSocket, ServerBootstrap bootstrap) {
                super.configure(options, domainSocket, bootstrap);
                bootstrap.handler(new Acceptance(most));
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

    private static final class Acceptance extends ChannelInboundHandlerAdapter {
        private final int most;
        private final AtomicInteger open = new AtomicInteger();

        Acceptance(int most) {
            this.most = most;
        }

        @Override
        public void channelRead(ChannelHandlerContext context, Object accepted) {
            Channel channel = (Channel) accepted;
            if (open.incrementAndGet() > most) {
                open.decrementAndGet();
                channel.unsafe().closeForcibly();
                return;
            }
            channel.closeFuture().addListener(closed -> open.decrementAndGet());
            context.fireChannelRead(accepted);
        }
    }
}
