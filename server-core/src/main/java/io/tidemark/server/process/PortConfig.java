// SPDX-License-Identifier: Apache-2.0
package io.tidemark.server.process;

import java.time.Duration;

/**
 * A gRPC port and what one caller may use of it.
 *
 * @param name what its options begin with: "client"
 * @param port 0 for any free one
 * @param messageBytesMax a larger message is refused before it is read
 * @param headerBytesMax the same for a call's headers
 * @param callsMax how many calls one connection may have under way
 * @param keepaliveMin a caller that pings more often is cut off
 * @param idleMax a connection without calls is closed after this long
 */
public record PortConfig(
        String name,
        int port,
        int messageBytesMax,
        int headerBytesMax,
        int callsMax,
        Duration keepaliveMin,
        Duration idleMax) {

    private static final int MIB = 1 << 20;
    private static final int KIB = 1 << 10;

    /** The client port, with what is usual. */
    public static PortConfig client(int port) {
        return new PortConfig(
                "client", port, 4 * MIB, 16 * KIB, 10_000, Duration.ofSeconds(10), Duration.ofMinutes(30));
    }

    /** The internal port. Its callers are servers, so only the port can be chosen. */
    public static PortConfig internal(int port) {
        return new PortConfig(
                "internal", port, 16 * MIB, 64 * KIB, 100_000, Duration.ofSeconds(1), Duration.ofHours(1));
    }
}
