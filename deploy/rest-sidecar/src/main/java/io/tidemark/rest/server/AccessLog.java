// SPDX-License-Identifier: Apache-2.0
package io.tidemark.rest.server;

import com.linecorp.armeria.common.logging.RequestLog;
import com.linecorp.armeria.server.logging.AccessLogWriter;
import io.tidemark.rest.config.SidecarConfig;
import io.tidemark.rest.json.ContractJson;
import java.io.PrintStream;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Each request as a line: who, what, how it ended, how large and how long. Parameters stay out: they hold keys. The lines look like the
 * log's and go where it goes, but not through it: a sidecar answers tens of thousands of requests a second.
 */
final class AccessLog implements AccessLogWriter {

    /** Its level is the log's: who wants no word of what goes well gets none of these lines. */
    private static final Logger log = LoggerFactory.getLogger("tidemark.access");

    private static final int BYTES_MAX = 1 << 20;

    private static final DateTimeFormatter SECOND =
            DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.").withZone(ZoneOffset.UTC);

    /** How a second is written: all of its requests share it. */
    private record Second(long epochSecond, String text) {}

    private final boolean json;
    private final GatheredLines lines;
    private volatile Second second = new Second(Long.MIN_VALUE, "");

    AccessLog(SidecarConfig.AccessLogForm form, PrintStream to) {
        this.json = form == SidecarConfig.AccessLogForm.JSON;
        this.lines = new GatheredLines(
                to, BYTES_MAX, count -> line(System.currentTimeMillis(), count + " lines are left out here"));
    }

    @Override
    public void log(RequestLog request) {
        if (!log.isInfoEnabled()) {
            return;
        }
        String path = request.requestHeaders().path();
        int query = path.indexOf('?');
        StringBuilder text = new StringBuilder(path.length() + 64);
        text.append(request.context().remoteAddress())
                .append(' ')
                .append(request.requestHeaders().method())
                .append(' ')
                .append(oneLine(query < 0 ? path : path.substring(0, query)))
                .append(' ')
                .append(Sent.status(request).code())
                .append(' ')
                .append(request.responseLength())
                .append(" bytes ")
                .append(TimeUnit.NANOSECONDS.toMillis(request.totalDurationNanos()))
                .append(" ms");
        lines.add(line(System.currentTimeMillis(), text));
    }

    private String line(long millis, CharSequence text) {
        if (json) {
            // As the log's own lines are named, by their order.
            Map<String, Object> event = new TreeMap<>(Map.of(
                    "timestamp",
                    millis,
                    "level",
                    "INFO",
                    "loggerName",
                    log.getName(),
                    "formattedMessage",
                    text.toString()));
            return ContractJson.EXACT.writeValueAsString(event) + "\n";
        }
        long epochSecond = Math.floorDiv(millis, 1000L);
        Second now = second;
        if (now.epochSecond() != epochSecond) {
            now = new Second(epochSecond, SECOND.format(Instant.ofEpochSecond(epochSecond)));
            second = now;
        }
        int rest = (int) Math.floorMod(millis, 1000L);
        StringBuilder line = new StringBuilder(text.length() + 48).append(now.text());
        line.append((char) ('0' + rest / 100))
                .append((char) ('0' + rest / 10 % 10))
                .append((char) ('0' + rest % 10));
        return line.append("Z INFO  access ").append(text).append('\n').toString();
    }

    /** Whatever somebody sends as a path, it begins no line of its own. */
    private static String oneLine(String path) {
        for (int i = 0; i < path.length(); i++) {
            if (Character.isISOControl(path.charAt(i))) {
                return path.replaceAll("\\p{Cntrl}", "?");
            }
        }
        return path;
    }

    @Override
    public CompletableFuture<Void> shutdown() {
        lines.close();
        return CompletableFuture.completedFuture(null);
    }
}
