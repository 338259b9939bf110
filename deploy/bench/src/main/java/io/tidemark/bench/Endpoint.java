// SPDX-License-Identifier: Apache-2.0
package io.tidemark.bench;

import io.grpc.ManagedChannel;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;

/** Where a server listens. */
public record Endpoint(String host, int port) {

    private static final int PORT_MAX = 65_535;

    public Endpoint {
        if (host.isEmpty() || port < 1 || port > PORT_MAX) {
            throw new IllegalArgumentException("endpoint: '" + host + ":" + port + "' (expected: host:port)");
        }
    }

    /** Reads {@code host:port}. */
    public static Endpoint parse(String text) {
        int colon = text.lastIndexOf(':');
        try {
            return new Endpoint(text.substring(0, Math.max(0, colon)), Integer.parseInt(text.substring(colon + 1)));
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("endpoint: '" + text + "' (expected: host:port)", e);
        }
    }

    /**
     * A channel of its own to here, without TLS. Its calls complete on its event loop: nothing that is run there may block.
     */
    ManagedChannel open() {
        return NettyChannelBuilder.forAddress(host, port)
                .usePlaintext()
                .directExecutor()
                .build();
    }

    @Override
    public String toString() {
        return host + ":" + port;
    }
}
