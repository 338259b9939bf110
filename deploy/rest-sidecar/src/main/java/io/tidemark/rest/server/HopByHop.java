// SPDX-License-Identifier: Apache-2.0
package io.tidemark.rest.server;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.DecoderResult;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.util.AsciiString;
import io.tidemark.rest.http.Problem;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Refuses what requests over HTTP/1.1 say of their way, where the HTTP library does not: any {@code Transfer-Encoding} but {@code chunked}
 * (RFC 9112, 6.1 and 6.3), for it takes the request for one without a body, and its body for the next request; and quotes in
 * {@code Connection} and {@code TE}, on which it fails. Each belongs to its connection.
 */
final class HopByHop extends ChannelInboundHandlerAdapter {

    private static final List<AsciiString> TOKENS = List.of(HttpHeaderNames.CONNECTION, HttpHeaderNames.TE);

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) throws Exception {
        if (message instanceof HttpRequest request && request.decoderResult().isSuccess()) {
            String wrong = wrong(request);
            if (wrong != null) {
                request.setDecoderResult(DecoderResult.failure(
                        Problem.of(400, "BAD_REQUEST", wrong).toException()));
            }
        }
        super.channelRead(context, message);
    }

    private static @Nullable String wrong(HttpRequest request) {
        List<String> codings = request.headers().getAll(HttpHeaderNames.TRANSFER_ENCODING);
        if (!codings.isEmpty() && !isChunked(codings)) {
            return "Transfer-Encoding: '" + String.join(", ", codings) + "' (expected: chunked, once)";
        }
        for (AsciiString name : TOKENS) {
            for (String value : request.headers().getAll(name)) {
                if (value.indexOf('"') >= 0) {
                    return name + ": '" + value + "' (expected: no quotes)";
                }
            }
        }
        return null;
    }

    private static boolean isChunked(List<String> codings) {
        return codings.size() == 1
                && HttpHeaderValues.CHUNKED.contentEqualsIgnoreCase(
                        codings.get(0).strip());
    }
}
