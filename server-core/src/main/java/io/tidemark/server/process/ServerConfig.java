// SPDX-License-Identifier: Apache-2.0
package io.tidemark.server.process;

import io.tidemark.server.config.Configuration;
import io.tidemark.server.config.Option;
import io.tidemark.server.config.ValueType;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.regex.Pattern;

/**
 * What every server process is configured with.
 *
 * @param id names the server in the cluster, for ever
 * @param host the address that all ports are bound to
 * @param clientPort public gRPC; 0 for any free one
 * @param clientRequestBytesMax a larger request is refused before it is read
 * @param clientKeepaliveMin a client that pings more often is cut off
 * @param httpPort health; 0 for any free one
 * @param stopGrace how long calls under way may take to end when the process stops
 */
public record ServerConfig(
        String id,
        Path dataDir,
        String host,
        int clientPort,
        int clientRequestBytesMax,
        Duration clientKeepaliveMin,
        int httpPort,
        Duration stopGrace) {

    public static final Option<String> ID = Option.required(
            "id",
            ValueType.text(Pattern.compile("[a-z0-9][a-z0-9-]{0,62}"), "1 to 63 of a-z, 0-9 and -"),
            "Names the server in the cluster. Never given to another one.");
    public static final Option<Path> DATA_DIR = Option.required(
            "data-dir", ValueType.path(), "Where it keeps everything. Belongs to one process at a time.");
    public static final Option<String> HOST = Option.withDefault(
            "host",
            ValueType.text(Pattern.compile("[0-9a-zA-Z.:_-]{1,253}"), "a host name or address"),
            "127.0.0.1",
            "The address that its ports are bound to. The default keeps it to this machine.");
    public static final Option<Integer> CLIENT_PORT =
            Option.withDefault("client.port", ValueType.port(), "7400", "Public gRPC.");
    public static final Option<Long> CLIENT_REQUEST_BYTES_MAX = Option.withDefault(
            "client.max-request-bytes",
            ValueType.size(64 << 10, 64 << 20),
            "4MiB",
            "A larger request is refused before it is read.");
    public static final Option<Duration> CLIENT_KEEPALIVE_MIN = Option.withDefault(
            "client.min-keepalive",
            ValueType.duration(Duration.ofSeconds(1), Duration.ofHours(1)),
            "10s",
            "A client that pings more often is cut off.");
    public static final Option<Integer> HTTP_PORT =
            Option.withDefault("http.port", ValueType.port(), "7403", "Health, over HTTP.");
    public static final Option<Duration> STOP_GRACE = Option.withDefault(
            "stop.grace",
            ValueType.duration(Duration.ZERO, Duration.ofHours(1)),
            "10s",
            "How long calls under way may take to end when the process stops.");

    /** In the order in which they are shown. */
    public static final List<Option<?>> OPTIONS = List.of(
            ID, DATA_DIR, HOST, CLIENT_PORT, CLIENT_REQUEST_BYTES_MAX, CLIENT_KEEPALIVE_MIN, HTTP_PORT, STOP_GRACE);

    public static ServerConfig from(Configuration configuration) {
        return new ServerConfig(
                configuration.get(ID),
                configuration.get(DATA_DIR),
                configuration.get(HOST),
                configuration.get(CLIENT_PORT),
                Math.toIntExact(configuration.get(CLIENT_REQUEST_BYTES_MAX)),
                configuration.get(CLIENT_KEEPALIVE_MIN),
                configuration.get(HTTP_PORT),
                configuration.get(STOP_GRACE));
    }
}
