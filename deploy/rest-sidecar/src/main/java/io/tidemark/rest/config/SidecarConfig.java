// SPDX-License-Identifier: Apache-2.0
package io.tidemark.rest.config;

import static java.time.Duration.ofDays;
import static java.time.Duration.ofHours;
import static java.time.Duration.ofMillis;
import static java.time.Duration.ofMinutes;

import java.time.Duration;
import java.util.List;

/**
 * How a sidecar works.
 *
 * @param endpoints servers to begin with, {@code host:port} with commas between
 * @param restPort for users
 * @param httpPort for whoever watches over it: metrics and health
 */
public record SidecarConfig(
        String endpoints,
        String zone,
        String host,
        int restPort,
        int httpPort,
        Requests requests,
        Reads reads,
        Watches watches,
        Duration readyMaxStaleness,
        String sessionCookie,
        boolean sessionCookieSecure,
        List<String> corsOrigins,
        List<String> resourceFiles,
        AccessLogForm accessLog,
        Duration stopGrace) {

    /** How each request is a line in the log, if it is one. */
    public enum AccessLogForm {
        NONE,
        TEXT,
        JSON
    }

    /** What requests may be like, and how many there may be at once. */
    public record Requests(
            int concurrentMax,
            int connectionsMax,
            long bodyBytesMax,
            long pendingBytesMax,
            long unreadBytesMax,
            int headerBytesMax,
            int lineBytesMax,
            Duration deadline,
            Duration deadlineMax) {}

    /** What reads ask for that do not say. */
    public record Reads(Duration maxStaleness, boolean hedged) {}

    /** How many watches there may be, and what they are like. */
    public record Watches(int max, Duration heartbeat, long bufferBytes, long unreadBytesMax, Duration stallMax) {}

    private static final Option<String> ENDPOINTS = new Option<>(
            "cluster.endpoints", Form.servers(), null, "Servers to begin with; the others are learned from them.");
    private static final Option<String> ZONE = new Option<>(
            "zone",
            Form.text("[A-Za-z0-9._-]{0,63}", "at most 63 of a-z, A-Z, 0-9, ., _ and -"),
            "",
            "Where it stands: servers of the same zone are asked first.");
    private static final Option<String> HOST = new Option<>(
            "host",
            Form.text("\\S+", "a host name or address"),
            "127.0.0.1",
            "The address that its ports are bound to. The default keeps it to this machine.");
    private static final Option<Integer> REST_PORT =
            new Option<>("rest.port", Form.port(), "8080", "HTTP for users: HTTP/1.1 and HTTP/2 without TLS.");
    private static final Option<Integer> HTTP_PORT =
            new Option<>("http.port", Form.port(), "7403", "Metrics and health, over HTTP.");
    private static final Option<Integer> CONCURRENT_MAX = new Option<>(
            "rest.max-requests",
            Form.integer(1, 1_000_000),
            "2000",
            "How many requests may be under way; further ones get 503 with `Retry-After`.");
    private static final Option<Integer> CONNECTIONS_MAX = new Option<>(
            "rest.max-connections", Form.integer(1, 1_000_000), "20000", "How many connections there may be.");
    private static final Option<Long> BODY_BYTES_MAX = new Option<>(
            "rest.max-body-bytes",
            Form.size(1024, 64L << 20),
            "4MiB",
            "A larger body gets 413. The cluster has limits of its own (`GET /v1/limits`).");
    private static final Option<Long> PENDING_BYTES_MAX = new Option<>(
            "rest.max-pending-bytes",
            Form.size(1024, 1L << 40),
            "64MiB",
            "How much of the bodies of requests under way may be in memory, and at least `rest.max-body-bytes`; further ones get"
                    + " 503 with `Retry-After`.");
    private static final Option<Long> UNREAD_BYTES_MAX = new Option<>(
            "rest.max-unread-bytes",
            Form.size(1024, 1L << 40),
            "64MiB",
            "How much of answers may be in memory because their callers have not taken them; above it, further requests get 503 with"
                    + " `Retry-After`, and callers that take longer than 5 s lose theirs.");
    private static final Option<Long> HEADER_BYTES_MAX =
            new Option<>("rest.max-header-bytes", Form.size(1024, 1 << 20), "16KiB", "Larger headers get 431.");
    private static final Option<Long> LINE_BYTES_MAX =
            new Option<>("rest.max-line-bytes", Form.size(1024, 1 << 20), "16KiB", "A longer request line gets 414.");
    private static final Option<Duration> DEADLINE = new Option<>(
            "rest.deadline",
            Form.duration(ofMillis(10), ofMinutes(10)),
            "5s",
            "How long a call may take that does not say `Tidemark-Timeout`.");
    private static final Option<Duration> DEADLINE_MAX = new Option<>(
            "rest.max-deadline",
            Form.duration(ofMillis(10), ofMinutes(10)),
            "1m",
            "The most that `Tidemark-Timeout` may say.");
    private static final Option<Duration> MAX_STALENESS = new Option<>(
            "read.max-staleness",
            Form.duration(ofMillis(1), ofDays(1)),
            "5s",
            "How stale reads may be that do not say, beside covering their session.");
    private static final Option<Boolean> HEDGED = new Option<>(
            "read.hedging",
            Form.bool(),
            "true",
            "Whether a read that takes longer than 95 of 100 do is sent to a second server as well.");
    private static final Option<Integer> WATCHES_MAX =
            new Option<>("watch.max", Form.integer(0, 1_000_000), "5000", "How many watches there may be at a time.");
    private static final Option<Duration> WATCH_HEARTBEAT = new Option<>(
            "watch.heartbeat",
            Form.duration(ofMillis(100), ofMinutes(5)),
            "5s",
            "How often a watch says that nothing happened, unless it asks for `heartbeatInterval`.");
    private static final Option<Long> WATCH_BUFFER = new Option<>(
            "watch.buffer-bytes",
            Form.size(1 << 14, 1L << 30),
            "1MiB",
            "How much may wait for a watcher that reads slowly before servers are asked to wait.");
    private static final Option<Long> WATCH_UNREAD_MAX = new Option<>(
            "watch.max-unread-bytes",
            Form.size(1 << 14, 1L << 40),
            "64MiB",
            "How much may wait for all watchers together. Above it each gets its next event when it has taken the one before.");
    private static final Option<Duration> WATCH_STALL = new Option<>(
            "watch.max-stall",
            Form.duration(ofMillis(100), ofMinutes(10)),
            "20s",
            "A watcher that takes nothing for this long is cut off.");
    private static final Option<Duration> READY_STALENESS = new Option<>(
            "ready.max-staleness",
            Form.duration(ofMillis(100), ofDays(1)),
            "1d",
            "`/readyz` says no where nothing fresher than this can be read. Set it lower where another sidecar may reach more of the"
                    + " cluster.");
    private static final Option<String> COOKIE = new Option<>(
            "session.cookie",
            Form.text("[A-Za-z0-9_-]{0,64}", "a name of a-z, A-Z, 0-9, _ and -, or nothing"),
            "",
            "A cookie that carries the session beside the header `Tidemark-Session`. Empty: none.");
    private static final Option<Boolean> COOKIE_SECURE = new Option<>(
            "session.cookie-secure",
            Form.bool(),
            "false",
            "Whether browsers send that cookie over TLS only: `true` where something before the sidecar speaks TLS.");
    private static final Option<List<String>> CORS = new Option<>(
            "cors.origins",
            Form.list("an origin as in https://app.example, or * alone"),
            "",
            "Whose pages may call from a browser. Empty: nobody's.");
    private static final Option<List<String>> RESOURCES = new Option<>(
            "resources.files", Form.list("the path of a YAML file"), "", "REST resources over tables: docs/rest.md.");
    private static final Option<Boolean> ACCESS_LOG = new Option<>(
            "access-log",
            Form.bool(),
            "true",
            "Whether each request is a line in the log. Lines that nobody takes in time are left out, and counted.");
    private static final Option<Duration> STOP_GRACE = new Option<>(
            "stop.grace",
            Form.duration(Duration.ZERO, ofHours(1)),
            "10s",
            "How long requests under way may take to end when the process stops.");

    /** How events are written: as the launcher's logging configuration reads it from the property {@code tidemark.log.format}. */
    public static final Option<String> LOG_FORMAT = new Option<>(
            "log.format",
            Form.text("text|json", "one of text, json"),
            "text",
            "One event is one line on stderr: for people, or JSON.");

    /** Which events are: the property {@code tidemark.log.level}. */
    public static final Option<String> LOG_LEVEL = new Option<>(
            "log.level",
            Form.text("error|warn|info|debug|trace", "one of error, warn, info, debug, trace"),
            "info",
            "What is less grave is not logged.");

    /** All of them, as docs/configuration.md lists them. */
    public static final List<Option<?>> OPTIONS = List.of(
            ENDPOINTS,
            ZONE,
            HOST,
            REST_PORT,
            HTTP_PORT,
            CONCURRENT_MAX,
            CONNECTIONS_MAX,
            BODY_BYTES_MAX,
            PENDING_BYTES_MAX,
            UNREAD_BYTES_MAX,
            HEADER_BYTES_MAX,
            LINE_BYTES_MAX,
            DEADLINE,
            DEADLINE_MAX,
            MAX_STALENESS,
            HEDGED,
            WATCHES_MAX,
            WATCH_HEARTBEAT,
            WATCH_BUFFER,
            WATCH_UNREAD_MAX,
            WATCH_STALL,
            READY_STALENESS,
            COOKIE,
            COOKIE_SECURE,
            CORS,
            RESOURCES,
            ACCESS_LOG,
            STOP_GRACE,
            LOG_FORMAT,
            LOG_LEVEL);

    private static AccessLogForm accessLog(Configuration from) {
        if (!from.get(ACCESS_LOG)) {
            return AccessLogForm.NONE;
        }
        return from.get(LOG_FORMAT).equals("json") ? AccessLogForm.JSON : AccessLogForm.TEXT;
    }

    /**
     * As it was configured.
     *
     * @throws ConfigurationException if both ports are the same
     */
    public static SidecarConfig from(Configuration from) {
        if (from.get(REST_PORT) != 0 && from.get(REST_PORT).equals(from.get(HTTP_PORT))) {
            throw new ConfigurationException(
                    List.of("rest.port and http.port: both are " + from.get(REST_PORT) + " (expected: a port each)"));
        }
        return new SidecarConfig(
                from.get(ENDPOINTS),
                from.get(ZONE),
                from.get(HOST),
                from.get(REST_PORT),
                from.get(HTTP_PORT),
                new Requests(
                        from.get(CONCURRENT_MAX),
                        from.get(CONNECTIONS_MAX),
                        from.get(BODY_BYTES_MAX),
                        from.get(PENDING_BYTES_MAX),
                        from.get(UNREAD_BYTES_MAX),
                        from.get(HEADER_BYTES_MAX).intValue(),
                        from.get(LINE_BYTES_MAX).intValue(),
                        from.get(DEADLINE),
                        from.get(DEADLINE_MAX)),
                new Reads(from.get(MAX_STALENESS), from.get(HEDGED)),
                new Watches(
                        from.get(WATCHES_MAX),
                        from.get(WATCH_HEARTBEAT),
                        from.get(WATCH_BUFFER),
                        from.get(WATCH_UNREAD_MAX),
                        from.get(WATCH_STALL)),
                from.get(READY_STALENESS),
                from.get(COOKIE),
                from.get(COOKIE_SECURE),
                from.get(CORS),
                from.get(RESOURCES),
                accessLog(from),
                from.get(STOP_GRACE));
    }
}
