// SPDX-License-Identifier: Apache-2.0
package io.tidemark.server.service;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.grpc.StatusRuntimeException;
import io.tidemark.api.ErrorStatus;
import io.tidemark.proto.v1.ErrorReason;
import io.tidemark.proto.v1.GetLimitsRequest;
import io.tidemark.proto.v1.GetTableRequest;
import io.tidemark.proto.v1.GetTopologyRequest;
import io.tidemark.proto.v1.GetTopologyResponse;
import io.tidemark.proto.v1.Limits;
import io.tidemark.proto.v1.ListTablesRequest;
import io.tidemark.proto.v1.ListTablesResponse;
import io.tidemark.proto.v1.TableState;
import io.tidemark.proto.v1.TopologyVersion;
import io.tidemark.proto.v1.WatchTopologyRequest;
import io.tidemark.proto.v1.WatchTopologyResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class ClusterServiceTest {

    private ServiceRig rig;

    @BeforeEach
    void open(@TempDir Path directory) {
        rig = new ServiceRig(directory);
    }

    @AfterEach
    void close() {
        rig.close();
    }

    private static ErrorReason reason(ThrowingCallable call) {
        try {
            call.call();
        } catch (StatusRuntimeException e) {
            return ErrorStatus.from(e).orElseThrow().reason();
        } catch (Throwable e) {
            throw new AssertionError(e);
        }
        throw new AssertionError("no error");
    }

    @Test
    void shouldTellOfTables() {
        assertThat(reason(() -> rig.cluster()
                        .getTable(GetTableRequest.newBuilder().setTable("t").build())))
                .isEqualTo(ErrorReason.ERROR_REASON_TABLE_NOT_FOUND);
        rig.data().put("a", "1");
        assertThat(rig.cluster()
                        .getTable(GetTableRequest.newBuilder().setTable("t").build())
                        .getTable()
                        .getCreatedIndex())
                .isEqualTo(1);
        rig.data().drop("t");
        assertThat(rig.cluster()
                        .getTable(GetTableRequest.newBuilder().setTable("t").build())
                        .getTable()
                        .getState())
                .isEqualTo(TableState.TABLE_STATE_DROPPING);
    }

    @Test
    void shouldListTablesPageByPageAsOfOneIndex() {
        for (String table : new String[] {"b", "a", "d", "c"}) {
            rig.data().put(table, "k", ByteString.EMPTY, "text/plain");
        }
        ListTablesResponse first = rig.cluster()
                .listTables(ListTablesRequest.newBuilder().setPageSize(3).build());
        assertThat(first.getTablesList()).extracting(table -> table.getTable()).containsExactly("a", "b", "c");
        rig.data().put("e", "k", ByteString.EMPTY, "text/plain");
        ListTablesResponse second = rig.cluster()
                .listTables(ListTablesRequest.newBuilder()
                        .setPageToken(first.getNextPageToken())
                        .build());
        assertThat(second.getTablesList()).extracting(table -> table.getTable()).containsExactly("d");
        assertThat(second.hasNextPageToken()).isFalse();
        assertThat(reason(() -> rig.cluster()
                        .listTables(
                                ListTablesRequest.newBuilder().setPageSize(-1).build())))
                .isEqualTo(ErrorReason.ERROR_REASON_INVALID_FIELD);
        assertThat(reason(() -> rig.cluster()
                        .listTables(ListTablesRequest.newBuilder()
                                .setPageToken("no")
                                .build())))
                .isEqualTo(ErrorReason.ERROR_REASON_BAD_PAGE_TOKEN);
    }

    @Test
    void shouldPublishTheLimits() {
        Limits limits =
                rig.cluster().getLimits(GetLimitsRequest.getDefaultInstance()).getLimits();
        assertThat(limits.getAllFields()).hasSize(18);
        assertThat(limits.getMaxKeyBytes()).isEqualTo(1024);
        assertThat(limits.getShardCount()).isEqualTo(1024);
        assertThat(limits.getMaxReadWait().getSeconds()).isEqualTo(10);
    }

    private static GetTopologyRequest atLeast(long epoch) {
        return GetTopologyRequest.newBuilder()
                .setMinVersion(ServiceRig.FIRST.toBuilder().setEpoch(epoch))
                .build();
    }

    @Test
    void shouldWaitForATopology() throws Exception {
        assertThat(rig.cluster()
                        .getTopology(GetTopologyRequest.getDefaultInstance())
                        .getTopology()
                        .getVersion())
                .isEqualTo(ServiceRig.FIRST);
        Received<GetTopologyRequest, GetTopologyResponse> waiting = new Received<>();
        rig.clusterAsync().getTopology(atLeast(3), waiting);
        while (rig.topologyListeners() == 0) {
            Thread.onSpinWait();
        }
        rig.changeTopology(2);
        rig.changeTopology(3);
        assertThat(waiting.next().getTopology().getVersion().getEpoch()).isEqualTo(3);
        assertThat(waiting.end()).isNull();
        assertThat(rig.topologyListeners()).isZero();
        assertThat(rig.pendingTimers()).isZero();
    }

    @Test
    void shouldRefuseTopologiesThatDoNotComeOrAreOfAnotherHistory() {
        // So much is left of it that the answer arrives on any machine.
        assertThat(reason(() ->
                        rig.cluster().withDeadlineAfter(60, TimeUnit.SECONDS).getTopology(atLeast(3))))
                .isEqualTo(ErrorReason.ERROR_REASON_TOO_STALE);
        assertThat(reason(() -> rig.cluster()
                        .getTopology(GetTopologyRequest.newBuilder()
                                .setMinVersion(TopologyVersion.newBuilder().setHistoryId("zzzzzzzzzzzzzzzz"))
                                .build())))
                .isEqualTo(ErrorReason.ERROR_REASON_HISTORY_CHANGED);
    }

    @Test
    void shouldWatchTheTopologyAndSendQuickChangesAsOne() throws Exception {
        Received<WatchTopologyRequest, WatchTopologyResponse> watch = new Received<>();
        rig.clusterAsync().watchTopology(WatchTopologyRequest.getDefaultInstance(), watch);
        assertThat(watch.next().getTopology().getVersion().getEpoch()).isEqualTo(1);
        for (int epoch = 2; epoch <= 100; epoch++) {
            rig.changeTopology(epoch);
        }
        int messages = 0;
        long epoch = 1;
        while (epoch < 100) {
            long next = watch.next().getTopology().getVersion().getEpoch();
            assertThat(next).isGreaterThan(epoch);
            epoch = next;
            messages++;
        }
        assertThat(messages).isLessThan(50);
        watch.cancel();
        while (rig.topologyListeners() > 0) {
            Thread.onSpinWait();
        }
    }

    @Test
    void shouldTakeNoMoreWatchesThanItIsConfiguredFor(@TempDir Path small) throws Exception {
        try (ServiceRig limited = new ServiceRig(small, StreamScanTest.limits(Duration.ofHours(1)))) {
            List<Received<WatchTopologyRequest, WatchTopologyResponse>> watches = new ArrayList<>();
            for (int i = 0; i < 2; i++) {
                Received<WatchTopologyRequest, WatchTopologyResponse> watch = new Received<>();
                limited.clusterAsync().watchTopology(WatchTopologyRequest.getDefaultInstance(), watch);
                // Calls on a channel that is not connected yet do not arrive in the order in which they were made.
                watch.next();
                watches.add(watch);
            }
            Received<WatchTopologyRequest, WatchTopologyResponse> refused = new Received<>();
            limited.clusterAsync().watchTopology(WatchTopologyRequest.getDefaultInstance(), refused);
            assertThat(ErrorStatus.from(Objects.requireNonNull(refused.end()))
                            .orElseThrow()
                            .reason())
                    .isEqualTo(ErrorReason.ERROR_REASON_OVERLOADED);
            watches.get(0).cancel();
            while (limited.topologyListeners() > 1) {
                Thread.onSpinWait();
            }
            Received<WatchTopologyRequest, WatchTopologyResponse> next = new Received<>();
            limited.clusterAsync().watchTopology(WatchTopologyRequest.getDefaultInstance(), next);
            next.next();
        }
    }

    @Test
    void shouldBeginAWatchWithWhatTheCallerDoesNotHave() throws Exception {
        Received<WatchTopologyRequest, WatchTopologyResponse> knows = new Received<>();
        rig.clusterAsync()
                .watchTopology(
                        WatchTopologyRequest.newBuilder()
                                .setKnownVersion(ServiceRig.FIRST)
                                .build(),
                        knows);
        Received<WatchTopologyRequest, WatchTopologyResponse> other = new Received<>();
        rig.clusterAsync()
                .watchTopology(
                        WatchTopologyRequest.newBuilder()
                                .setKnownVersion(ServiceRig.FIRST.toBuilder().setHistoryId("zzzzzzzzzzzzzzzz"))
                                .build(),
                        other);
        assertThat(other.next().getTopology().getVersion()).isEqualTo(ServiceRig.FIRST);
        while (rig.topologyListeners() < 2) {
            Thread.onSpinWait();
        }
        rig.changeTopology(2);
        assertThat(knows.next().getTopology().getVersion().getEpoch()).isEqualTo(2);
        knows.cancel();
        other.cancel();
    }
}
