// SPDX-License-Identifier: Apache-2.0
package io.tidemark.server.upkeep;

import com.google.protobuf.Duration;
import io.tidemark.api.ProtoTimes;
import io.tidemark.proto.v1.GetStatusResponse;
import io.tidemark.proto.v1.NotReady;
import io.tidemark.proto.v1.StoreStatus;
import io.tidemark.server.process.Readiness;
import io.tidemark.server.time.Moment;
import io.tidemark.server.time.Ticker;
import io.tidemark.store.state.DurableMark;
import io.tidemark.store.state.Store;
import java.util.function.LongSupplier;

/** How a server is doing, as far as nodes and replicas have it in common. Thread-safe. */
public final class StatusReport {

    private final Readiness readiness;
    private final Alarms alarms;
    private final LongSupplier diskFreeBytes;
    private final Ticker ticker;
    private final Moment started;

    /** @param diskFreeBytes the room that is left where the store is */
    public StatusReport(Readiness readiness, Alarms alarms, LongSupplier diskFreeBytes, Ticker ticker) {
        this.readiness = readiness;
        this.alarms = alarms;
        this.diskFreeBytes = diskFreeBytes;
        this.ticker = ticker;
        this.started = ticker.now();
    }

    /** All but the header, the server's name and what only its role has. */
    public GetStatusResponse.Builder of(Store store) {
        DurableMark durable = store.durable();
        GetStatusResponse.Builder status = withoutStore()
                .setHorizon(store.horizon())
                .setCheckpointIndex(durable.index())
                .setStore(storeStatus(store));
        if (durable.index() > 0) {
            status.setCheckpointTime(durable.logTime().toTimestamp());
        }
        return status;
    }

    /** What can be said while there is no store to speak of: why it is not ready, and what somebody should look at. */
    public GetStatusResponse.Builder withoutStore() {
        GetStatusResponse.Builder status =
                GetStatusResponse.newBuilder().setUptime(uptime()).addAllAlarms(alarms.raised());
        readiness
                .reasonsWhyNot()
                .forEach((check, reason) ->
                        status.addNotReady(NotReady.newBuilder().setCheck(check).setReason(reason)));
        return status;
    }

    private Duration uptime() {
        long nanos = ticker.now().monotonicNanos() - started.monotonicNanos();
        return ProtoTimes.duration(java.time.Duration.ofNanos(nanos));
    }

    private StoreStatus storeStatus(Store store) {
        var counters = store.counters();
        var stats = store.stats();
        return StoreStatus.newBuilder()
                .setRowCount(counters.liveRows())
                .setLiveBytes(counters.liveBytes())
                .setHistoryBytes(store.historyBytes())
                .setDiskBytes(stats.tableBytes() + stats.pinnedBytes())
                .setDiskFreeBytes(diskFreeBytes.getAsLong())
                .setTableFileCount(stats.tables())
                .build();
    }
}
