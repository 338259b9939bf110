// SPDX-License-Identifier: Apache-2.0
package io.tidemark.client.internal.watch;

import io.tidemark.api.ErrorMetadata;
import io.tidemark.client.TidemarkException;
import io.tidemark.client.WatchEvent;
import io.tidemark.client.internal.dispatch.ReadAsk;
import io.tidemark.client.internal.scan.ScanCourse;
import io.tidemark.client.internal.scan.ScanSink;
import io.tidemark.client.internal.scan.ScanSpec;
import io.tidemark.client.internal.stream.Buffer;
import io.tidemark.client.internal.stream.Course;
import io.tidemark.proto.v1.ResponseHeader;
import io.tidemark.proto.v1.Row;
import java.time.Duration;
import java.util.List;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * The rows that a watch begins with: one scan after the other, all as of the index of the first. A table that is not there has no rows.
 * Owned by the turns of the scan that is under way.
 */
final class Snapshot implements ScanSink {

    private final List<ScanSpec> scans;
    private final ReadAsk ask;
    private final Buffer<Signal> buffer;
    private final BiConsumer<@Nullable Place, @Nullable TidemarkException> onOver;
    private final BiConsumer<Course<?, ?>, Duration> begin;

    private int next;
    private @Nullable Place place;
    private boolean anyTold;
    /** Whether the listener knows that nobody sends. */
    private boolean disconnectedTold;

    /**
     * @param ask how fresh the first is
     * @param onOver told where the snapshot stands, and why it came to nothing
     * @param begin begins a stream after a pause
     */
    Snapshot(
            List<ScanSpec> scans,
            ReadAsk ask,
            Buffer<Signal> buffer,
            BiConsumer<@Nullable Place, @Nullable TidemarkException> onOver,
            BiConsumer<Course<?, ?>, Duration> begin) {
        this.scans = scans;
        this.ask = ask;
        this.buffer = buffer;
        this.onOver = onOver;
        this.begin = begin;
    }

    void start(Duration pause) {
        Place stands = place;
        ReadAsk asked = stands == null
                ? ask
                : new ReadAsk(
                        new ReadAsk.Base.AsOfIndex(stands.index()), null, null, 0, stands.historyId(), null, false);
        begin.accept(new ScanCourse(scans.get(next), asked, null, this), pause);
    }

    @Override
    public void begun(ResponseHeader header, String address, long sentNanos, int attempts) {
        place = new Place(header.getHistoryId(), header.getReadIndex());
        disconnectedTold = false;
    }

    @Override
    public void broke(TidemarkException failure) {
        if (!disconnectedTold) {
            disconnectedTold = true;
            buffer.put(new Signal.Notice(new WatchEvent.Disconnected<>(failure)), Signal.Notice.BYTES);
        }
    }

    @Override
    public boolean hasRoom() {
        return buffer.hasRoom();
    }

    @Override
    public void rows(List<Row> rows, long bytes) {
        disconnectedTold = false;
        tell(rows, bytes, false);
    }

    @Override
    public void over(@Nullable TidemarkException failure) {
        Place absence = failure == null ? null : absence(failure);
        if (absence != null && place == null) {
            place = absence;
        }
        Place stands = place;
        if (stands == null || (failure != null && absence == null)) {
            onOver.accept(null, failure);
        } else if (++next < scans.size()) {
            start(Duration.ZERO);
        } else {
            tell(List.of(), Signal.Notice.BYTES, true);
            onOver.accept(stands, null);
        }
    }

    private void tell(List<Row> rows, long bytes, boolean last) {
        Place stands = place;
        if (stands != null) {
            buffer.put(new Signal.SnapshotRows(stands.index(), stands.historyId(), rows, !anyTold, last), bytes);
            anyTold = true;
        }
    }

    /** The state in which there certainly is no such table; null: that is not what failed. */
    private static @Nullable Place absence(TidemarkException failure) {
        boolean noTable =
                failure.reason().equals("TABLE_NOT_FOUND") || failure.reason().equals("TABLE_DROPPING");
        String history = failure.metadata().get(ErrorMetadata.HISTORY_ID);
        String index = failure.metadata().get(ErrorMetadata.EVALUATED_INDEX);
        return noTable && history != null && index != null ? new Place(history, Long.parseLong(index)) : null;
    }
}
