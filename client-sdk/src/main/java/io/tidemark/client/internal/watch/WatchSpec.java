// SPDX-License-Identifier: Apache-2.0
package io.tidemark.client.internal.watch;

import io.tidemark.client.WatchFilter;
import io.tidemark.client.internal.dispatch.Target;
import io.tidemark.client.internal.scan.ScanSpec;
import io.tidemark.client.internal.wire.Headers;
import io.tidemark.proto.v1.KeyRange;
import io.tidemark.proto.v1.RowView;
import io.tidemark.proto.v1.ValueForm;
import io.tidemark.proto.v1.WatchPreviousRow;
import io.tidemark.proto.v1.WatchRequest;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What is watched, and what may be used for it.
 *
 * @param filters empty: everything
 * @param values whether rows come with their values
 * @param previous whether changes come with the row before
 * @param after where to begin; null: now
 * @param snapshotFirst whether to begin with the rows as they are, at the beginning and whenever history is lost
 * @param heartbeat how often a server gives a sign of life
 * @param bufferBytes how much may wait for the listener
 * @param commitBytesMax what one commit may bring
 */
public record WatchSpec(
        List<WatchFilter> filters,
        boolean values,
        boolean previous,
        @Nullable Place after,
        boolean snapshotFirst,
        Duration heartbeat,
        long bufferBytes,
        long commitBytesMax) {

    private static final String ZERO = "\0";

    private static final Duration HEARTBEAT_DEFAULT = Duration.ofSeconds(1);
    private static final Duration HEARTBEAT_MIN = Duration.ofMillis(100);
    private static final long BUFFER_BYTES_DEFAULT = 4L << 20;
    /** A commit brings 4 MiB at most unless configured, and the rows before it 16 times as much. */
    private static final long COMMIT_BYTES_MAX_DEFAULT = 80L << 20;

    public WatchSpec {
        filters = List.copyOf(filters);
        if (heartbeat.compareTo(HEARTBEAT_MIN) < 0) {
            throw new IllegalArgumentException(
                    "heartbeat: " + heartbeat + " (expected: at least " + HEARTBEAT_MIN + ")");
        }
        requirePositive("buffer bytes", bufferBytes);
        requirePositive("commit bytes", commitBytesMax);
        if (snapshotFirst && after != null) {
            throw new IllegalArgumentException(
                    "watch: a snapshot first, and changes after " + after + " (expected: one of them)");
        }
    }

    private static void requirePositive(String what, long number) {
        if (number <= 0) {
            throw new IllegalArgumentException(what + ": " + number + " (expected: > 0)");
        }
    }

    /** From now on, whole values, nothing before. */
    public static WatchSpec of(List<WatchFilter> filters) {
        return new WatchSpec(
                filters, true, false, null, false, HEARTBEAT_DEFAULT, BUFFER_BYTES_DEFAULT, COMMIT_BYTES_MAX_DEFAULT);
    }

    public WatchSpec withFilters(List<WatchFilter> others) {
        return new WatchSpec(others, values, previous, after, snapshotFirst, heartbeat, bufferBytes, commitBytesMax);
    }

    public WatchSpec withRows(boolean theirValues, boolean theirPrevious) {
        return new WatchSpec(
                filters, theirValues, theirPrevious, after, snapshotFirst, heartbeat, bufferBytes, commitBytesMax);
    }

    public WatchSpec beginning(@Nullable Place behind, boolean withSnapshot) {
        return new WatchSpec(filters, values, previous, behind, withSnapshot, heartbeat, bufferBytes, commitBytesMax);
    }

    public WatchSpec withHeartbeat(Duration interval) {
        return new WatchSpec(filters, values, previous, after, snapshotFirst, interval, bufferBytes, commitBytesMax);
    }

    public WatchSpec withBytes(long ofBuffer, long ofCommit) {
        return new WatchSpec(filters, values, previous, after, snapshotFirst, heartbeat, ofBuffer, ofCommit);
    }

    WatchRequest.Builder request() {
        WatchRequest.Builder request = WatchRequest.newBuilder()
                .setValueForm(ValueForm.VALUE_FORM_BYTES)
                .setRowView(values ? RowView.ROW_VIEW_FULL : RowView.ROW_VIEW_METADATA)
                .setHeartbeatInterval(Headers.duration(heartbeat));
        if (previous) {
            request.setPreviousRow(
                    values ? WatchPreviousRow.WATCH_PREVIOUS_ROW_FULL : WatchPreviousRow.WATCH_PREVIOUS_ROW_METADATA);
        }
        filters.forEach(filter -> request.addFilters(proto(filter)));
        return request;
    }

    /** Who has all that is watched. */
    Target target() {
        return filters.size() == 1 && filters.get(0) instanceof WatchFilter.OfKey one
                ? new Target.OwnersOf(one.table(), one.key())
                : new Target.OwnersOfAll();
    }

    private static io.tidemark.proto.v1.WatchFilter proto(WatchFilter filter) {
        io.tidemark.proto.v1.WatchFilter.Builder proto =
                io.tidemark.proto.v1.WatchFilter.newBuilder().setTable(filter.table());
        if (filter instanceof WatchFilter.OfKey one) {
            proto.setKey(one.key());
        } else if (filter instanceof WatchFilter.OfPrefix some) {
            proto.setRange(KeyRange.newBuilder().setPrefix(some.prefix()));
        } else if (filter instanceof WatchFilter.OfRange some) {
            KeyRange.Builder range = KeyRange.newBuilder();
            if (some.start() != null) {
                range.setStart(some.start());
            }
            if (some.end() != null) {
                range.setEnd(some.end());
            }
            proto.setRange(range);
        }
        return proto.build();
    }

    /** What to read for a snapshot. */
    List<ScanSpec> scans() {
        return filters.stream().map(this::scan).toList();
    }

    private ScanSpec scan(WatchFilter filter) {
        String start = null;
        String end = null;
        String prefix = null;
        Long limit = null;
        if (filter instanceof WatchFilter.OfKey one) {
            start = one.key();
            end = one.key() + ZERO;
            limit = 1L;
        } else if (filter instanceof WatchFilter.OfPrefix some) {
            prefix = some.prefix();
        } else if (filter instanceof WatchFilter.OfRange some) {
            start = some.start();
            end = some.end();
        }
        return new ScanSpec(filter.table(), start, end, prefix, false, limit, values);
    }
}
