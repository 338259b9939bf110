// SPDX-License-Identifier: Apache-2.0
package io.tidemark.rest.server;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.CombinedChannelDuplexHandler;
import io.netty.handler.flush.FlushConsolidationHandler;

/** What connections are given beside what the HTTP library gives them. */
final class Connections {

    /** After so many bytes the library knows which HTTP it is, and has its handlers in place. */
    private static final int KNOWN_AFTER = 4;

    private Connections() {}

    /** Of a new one. */
    static void configure(ChannelPipeline pipeline) {
        flushOnce(pipeline);
        pipeline.addFirst(new WhenKnown());
    }

    /**
     * Has what an answer is written in, its headers and its body, leave by one call of the operating system, with the answers behind it on
     * the same connection. Armeria gathers what is written while it reads; answers of a cluster come later than that.
     */
    private static void flushOnce(ChannelPipeline pipeline) {
        pipeline.replace(
                FlushConsolidationHandler.class,
                null,
                new FlushConsolidationHandler(FlushConsolidationHandler.DEFAULT_EXPLICIT_FLUSH_AFTER_FLUSHES, true));
    }

    /** Lets in so much that it is known which HTTP it is, puts behind the decoder of HTTP/1.1 what looks at each request, and goes. */
    private static final class WhenKnown extends ChannelInboundHandlerAdapter {

        @Override
        public void channelRead(ChannelHandlerContext context, Object message) throws Exception {
            ByteBuf bytes = (ByteBuf) message;
            if (bytes.readableBytes() > KNOWN_AFTER) {
                // Whoever is first to see a request must be there before the request is.
                context.fireChannelRead(bytes.readRetainedSlice(KNOWN_AFTER));
                ChannelPipeline pipeline = context.pipeline();
                ChannelHandlerContext decoder = pipeline.context(CombinedChannelDuplexHandler.class);
                if (decoder != null) {
                    pipeline.addAfter(decoder.name(), null, new HopByHop());
                }
                pipeline.remove(this);
            }
            context.fireChannelRead(bytes);
        }
    }
}
