package io.tagger.ipc.server;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http2.Http2ConnectionDecoder;
import io.netty.handler.codec.http2.Http2ConnectionHandler;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2FrameListener;
import io.netty.handler.codec.http2.Http2FrameListenerDecorator;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2Settings;

/**
 * Accepts any authority of a request on the Unix socket. grpc-core sends the socket's path, and Vert.x 5.0.7
 * closes a connection with an authority that is no host. The first handler of a connection, until the connection's protocol is
 * known.
 */
final class SocketAuthority extends ChannelInboundHandlerAdapter {
    /** The length of HTTP/2's preface, {@code PRI * HTTP/2.0} and so on: RFC 9113, section 3.4. */
    private static final int PREFACE_BYTES = 24;

    private static final String HOST = "localhost";

    private int passed;

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        if (!(message instanceof ByteBuf bytes) || !bytes.isReadable()) {
            context.fireChannelRead(message);
            return;
        }
        boolean mayBeHttp2 = passed > 0 || bytes.getByte(bytes.readerIndex()) == 'P';
        int rest = PREFACE_BYTES - passed;
        if (!mayBeHttp2) {
            context.pipeline().remove(this);
            context.fireChannelRead(bytes);
        } else if (bytes.readableBytes() < rest) {
            passed += bytes.readableBytes();
            context.fireChannelRead(bytes);
        } else {
            // The preface makes Vert.x add its handler of HTTP/2, which must be there before the first headers come.
            context.fireChannelRead(bytes.readRetainedSlice(rest));
            Http2ConnectionHandler handler = context.pipeline().get(Http2ConnectionHandler.class);
            if (handler != null) {
                HostListener.install(handler.decoder());
            }
            context.pipeline().remove(this);
            if (bytes.isReadable()) {
                context.fireChannelRead(bytes);
            } else {
                bytes.release();
            }
        }
    }

    /** Puts a host in the place of every authority: a socket has none. */
    private static final class HostListener extends Http2FrameListenerDecorator {
        private final Http2ConnectionDecoder decoder;

        private HostListener(Http2ConnectionDecoder decoder, Http2FrameListener listener) {
            super(listener);
            this.decoder = decoder;
        }

        static void install(Http2ConnectionDecoder decoder) {
            Http2FrameListener present = decoder.frameListener();
            if (!(present instanceof HostListener)) {
                decoder.frameListener(new HostListener(decoder, present));
            }
        }

        /** With the first settings Vert.x puts another listener in place of its first. */
        @Override
        public void onSettingsRead(ChannelHandlerContext context, Http2Settings settings) throws Http2Exception {
            super.onSettingsRead(context, settings);
            install(decoder);
        }

        @Override
        public void onHeadersRead(
                ChannelHandlerContext context, int stream, Http2Headers headers, int padding, boolean end)
                throws Http2Exception {
            correct(headers);
            super.onHeadersRead(context, stream, headers, padding, end);
        }

        @Override
        public void onHeadersRead(
                ChannelHandlerContext context,
                int stream,
                Http2Headers headers,
                int dependency,
                short weight,
                boolean exclusive,
                int padding,
                boolean end)
                throws Http2Exception {
            correct(headers);
            super.onHeadersRead(context, stream, headers, dependency, weight, exclusive, padding, end);
        }

        private static void correct(Http2Headers headers) {
            if (headers.authority() != null) {
                headers.authority(HOST);
            }
        }
    }
}
