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
 * @param zone where it stands, so that copies can be spread; may be empty
 * @param host the address that all ports are bound to
 * @param advertisedHost where others reach it
 * @param client public gRPC
 * @param internal gRPC between servers
 * @param httpPort metrics and health; 0 for any free one
 * @param stopGrace how long calls under way may take to end when the process stops
 * @param tracing whether each call is a span of OpenTelemetry's
 */
public record ServerConfig(
        String id,
        String zone,
        Path dataDir,
        String host,
        String advertisedHost,
        PortConfig client,
        PortConfig internal,
        int httpPort,
        Duration stopGrace,
        boolean tracing) {

    /** How log lines look. */
    public enum LogFormat {
        TEXT,
        JSON
    }

    /** From which level on events are logged. */
    public enum LogLevel {
        ERROR,
        WARN,
        INFO,
        DEBUG,
        TRACE
    }

    public static final Option<String> ID = Option.required(
            "id",
            ValueType.text(Pattern.compile("[a-z0-9][a-z0-9-]{0,62}"), "1 to 63 of a-z, 0-9 and -"),
            "Names the server in the cluster. Never given to another one.");
    public static final Option<String> ZONE = Option.withDefault(
            "zone",
            ValueType.text(Pattern.compile("[a-zA-Z0-9._-]{0,63}"), "at most 63 of a-z, A-Z, 0-9, ., _ and -"),
            "",
            "Where it stands: copies are spread over zones, and readers prefer their own.");
    public static final Option<Path> DATA_DIR = Option.required(
            "data-dir", ValueType.path(), "Where it keeps everything. Belongs to one process at a time.");
    public static final Option<String> HOST = Option.withDefault(
            "host",
            ValueType.text(Pattern.compile("[0-9a-zA-Z.:_-]{1,253}"), "a host name or address"),
            "127.0.0.1",
            "The address that its ports are bound to. The default keeps it to this machine.");
    public static final Option<String> ADVERTISED_HOST = Option.withDefault(
            "advertised-host",
            ValueType.text(Pattern.compile("[0-9a-zA-Z.:_-]{0,253}"), "a host name or address, or nothing"),
            "",
            "Where other servers and clients reach it. Empty: as `host`.");
    public static final Option<Integer> CLIENT_PORT =
            Option.withDefault("client.port", ValueType.port(), "7400", "Public gRPC.");
    public static final Option<Long> CLIENT_REQUEST_BYTES_MAX = Option.withDefault(
            "client.max-request-bytes",
            ValueType.size(64 << 10, 64 << 20),
            "4MiB",
            "A larger request is refused before it is read.");
    public static final Option<Long> CLIENT_HEADER_BYTES_MAX = Option.withDefault(
            "client.max-header-bytes",
            ValueType.size(4 << 10, 1 << 20),
            "16KiB",
            "A request with larger headers is refused before they are read.");
    public static final Option<Integer> CLIENT_CALLS_MAX = Option.withDefault(
            "client.max-calls",
            ValueType.integer(1, 1_000_000),
            "10000",
            "How many calls one connection may have under way; more wait at the caller.");
    public static final Option<Duration> CLIENT_KEEPALIVE_MIN = Option.withDefault(
            "client.min-keepalive",
            ValueType.duration(Duration.ofSeconds(1), Duration.ofHours(1)),
            "10s",
            "A client that pings more often is cut off.");
    public static final Option<Duration> CLIENT_IDLE_MAX = Option.withDefault(
            "client.max-idle",
            ValueType.duration(Duration.ofSeconds(1), Duration.ofDays(1)),
            "30m",
            "A connection without calls is closed after this long.");
    public static final Option<Integer> INTERNAL_PORT = Option.withDefault(
            "internal.port", ValueType.port(), "7401", "gRPC between servers. Not for applications.");
    public static final Option<Integer> HTTP_PORT =
            Option.withDefault("http.port", ValueType.port(), "7403", "Metrics and health, over HTTP.");
    public static final Option<Duration> STOP_GRACE = Option.withDefault(
            "stop.grace",
            ValueType.duration(Duration.ZERO, Duration.ofHours(1)),
            "10s",
            "How long calls under way may take to end when the process stops.");
    public static final Option<LogFormat> LOG_FORMAT = Option.withDefault(
            "log.format",
            ValueType.oneOf(LogFormat.class),
            "text",
            "One event is one line on stderr: for people, or JSON.");
    public static final Option<LogLevel> LOG_LEVEL = Option.withDefault(
            "log.level", ValueType.oneOf(LogLevel.class), "info", "What is less grave is not logged.");
    public static final Option<Boolean> TRACING = Option.withDefault(
            "tracing",
            ValueType.bool(),
            "false",
            "Makes each call a span, with the OpenTelemetry SDK that `TIDEMARK_CLASSPATH` brings.");

    /** In the order in which they are shown. */
    public static final List<Option<?>> OPTIONS = List.of(
            ID,
            ZONE,
            DATA_DIR,
            HOST,
            ADVERTISED_HOST,
            CLIENT_PORT,
            CLIENT_REQUEST_BYTES_MAX,
            CLIENT_HEADER_BYTES_MAX,
            CLIENT_CALLS_MAX,
            CLIENT_KEEPALIVE_MIN,
            CLIENT_IDLE_MAX,
            INTERNAL_PORT,
            HTTP_PORT,
            STOP_GRACE,
            LOG_FORMAT,
            LOG_LEVEL,
            TRACING);

    public static ServerConfig from(Configuration configuration) {
        String host = configuration.get(HOST);
        String advertised = configuration.get(ADVERTISED_HOST);
        return new ServerConfig(
                configuration.get(ID),
                configuration.get(ZONE),
                configuration.get(DATA_DIR),
                host,
                advertised.isEmpty() ? host : advertised,
                new PortConfig(
                        "client",
                        configuration.get(CLIENT_PORT),
                        Math.toIntExact(configuration.get(CLIENT_REQUEST_BYTES_MAX)),
                        Math.toIntExact(configuration.get(CLIENT_HEADER_BYTES_MAX)),
                        configuration.get(CLIENT_CALLS_MAX),
                        configuration.get(CLIENT_KEEPALIVE_MIN),
                        configuration.get(CLIENT_IDLE_MAX)),
                PortConfig.internal(configuration.get(INTERNAL_PORT)),
                configuration.get(HTTP_PORT),
                configuration.get(STOP_GRACE),
                configuration.get(TRACING));
    }
}
