// SPDX-License-Identifier: Apache-2.0
package io.tidemark.server.call;

import com.google.protobuf.Timestamp;
import io.tidemark.api.HistoryId;
import io.tidemark.api.ProtoTimes;
import io.tidemark.proto.v1.ResponseHeader;
import io.tidemark.proto.v1.Unmet;
import io.tidemark.store.LogTime;
import io.tidemark.store.state.Store;
import io.tidemark.store.state.StoreView;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Builds the header of every answer. Thread-safe. */
public final class Headers {

    private static final int NANOS_PER_MICRO = 1_000;

    /** The time of a commit never changes. */
    private record KnownTime(
            HistoryId history, long index, @Nullable Timestamp time) {}

    private final Answerer answerer;
    private volatile @Nullable KnownTime newest;

    public Headers(Answerer answerer) {
        this.answerer = answerer;
    }

    /** Of an answer that no state was read for. */
    public ResponseHeader ofNoState(Store store) {
        return begun(store).build();
    }

    /** Of an answer of a server that has no store yet. */
    public ResponseHeader withoutStore() {
        return ofAnswerer().build();
    }

    /** Of a write that was judged at an index, or became it. */
    public ResponseHeader ofWrite(Store store, long index, @Nullable LogTime time) {
        ResponseHeader.Builder header = begun(store).setReadIndex(index);
        if (time != null) {
            header.setReadTime(time.toTimestamp());
        }
        return header.build();
    }

    /**
     * Of a read; to be made when all of it has been read.
     *
     * @param staleness what is proven of the state read; null: nothing
     * @param unmet what was asked and is not met; null: nothing
     */
    public ResponseHeader ofRead(Store store, StoreView view, @Nullable Duration staleness, @Nullable Unmet unmet) {
        ResponseHeader.Builder header = begun(store).setReadIndex(view.index());
        Timestamp time = timeOf(store.history(), view);
        if (time != null) {
            header.setReadTime(time);
        }
        return proven(header, staleness, unmet).build();
    }

    /** Of a proof that everything acknowledged to anyone before lies at or below an index. */
    public ResponseHeader ofProof(Store store, long index, @Nullable Duration staleness) {
        return proven(begun(store).setReadIndex(index), staleness, null).build();
    }

    /** The same, answered later. */
    public static ResponseHeader withStaleness(ResponseHeader header, Duration staleness) {
        return header.toBuilder().setStaleness(roundedUp(staleness)).build();
    }

    private static ResponseHeader.Builder proven(
            ResponseHeader.Builder header, @Nullable Duration staleness, @Nullable Unmet unmet) {
        if (staleness != null) {
            header.setStaleness(roundedUp(staleness));
        }
        if (unmet != null) {
            header.setUnmet(unmet);
        }
        return header;
    }

    private ResponseHeader.Builder begun(Store store) {
        return ofAnswerer()
                .setHistoryId(store.history().text())
                .setAppliedIndex(store.appliedIndex())
                .setTopologyVersion(answerer.topologyVersion());
    }

    private ResponseHeader.Builder ofAnswerer() {
        return ResponseHeader.newBuilder()
                .setServedBy(answerer.serverId())
                .setServedByRole(answerer.role())
                .setTerm(answerer.term());
    }

    /** Many reads follow each commit, so it is looked up once. */
    private @Nullable Timestamp timeOf(HistoryId history, StoreView view) {
        KnownTime known = newest;
        if (known != null && known.index == view.index() && known.history.equals(history)) {
            return known.time;
        }
        LogTime time = view.time();
        Timestamp found = time == null ? null : time.toTimestamp();
        if (known == null || known.index < view.index() || !known.history.equals(history)) {
            newest = new KnownTime(history, view.index(), found);
        }
        return found;
    }

    /** To whole microseconds, at least one: zero would say that nothing is known. */
    static com.google.protobuf.Duration roundedUp(Duration staleness) {
        long micros = Math.max(1, (staleness.getNano() + NANOS_PER_MICRO - 1L) / NANOS_PER_MICRO);
        Duration rounded = Duration.ofSeconds(staleness.getSeconds()).plusNanos(micros * NANOS_PER_MICRO);
        return ProtoTimes.duration(rounded);
    }
}
