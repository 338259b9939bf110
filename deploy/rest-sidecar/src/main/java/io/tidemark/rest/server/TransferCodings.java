// SPDX-License-Identifier: Apache-2.0
package io.tidemark.rest.server;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.DecoderResult;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpRequest;
import io.tidemark.rest.http.Problem;
import java.util.List;

/**
 * Refuses requests over HTTP/1.1 of which nobody can tell where they end, or whose bodies are not what they stand for: those with any
 * {@code Transfer-Encoding} but {@code chunked} (RFC 9112, 6.1 and 6.3). The HTTP library takes them for requests without a body, and
 * their body for the next request. Each belongs to its connection.
 */
final class TransferCodings extends ChannelInboundHandlerAdapter {

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) throws Exception {
        if (message instanceof HttpRequest request && request.decoderResult().isSuccess()) {
            List<String> codings = request.headers().getAll(HttpHeaderNames.TRANSFER_ENCODING);
            if (!codings.isEmpty() && !isChunked(codings)) {
                request.setDecoderResult(DecoderResult.failure(Problem.of(
                                400,
                                "BAD_REQUEST",
                                "Transfer-Encoding: '" + String.join(", ", codings) + "' (expected: chunked, once)")
                        .toException()));
            }
        }
        super.channelRead(context, message);
    }

    private static boolean isChunked(List<String> codings) {
        return codings.size() == 1
                && HttpHeaderValues.CHUNKED.contentEqualsIgnoreCase(
                        codings.get(0).strip());
    }
}
