// SPDX-License-Identifier: Apache-2.0
package io.tidemark.server.upkeep;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.api.ErrorStatus;
import io.tidemark.proto.v1.Alarm;
import io.tidemark.proto.v1.AlarmKind;
import io.tidemark.proto.v1.CreateCheckpointResponse;
import io.tidemark.proto.v1.DigestDetail;
import io.tidemark.proto.v1.ErrorReason;
import io.tidemark.proto.v1.GetDigestsRequest;
import io.tidemark.proto.v1.GetDigestsResponse;
import io.tidemark.proto.v1.GetStatusResponse;
import io.tidemark.proto.v1.NotReady;
import io.tidemark.proto.v1.Progress;
import io.tidemark.proto.v1.ShardDigest;
import io.tidemark.proto.v1.ShardRange;
import io.tidemark.proto.v1.ShardSet;
import io.tidemark.server.process.Readiness;
import io.tidemark.server.read.StoreRig;
import io.tidemark.server.time.ManualTime;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class UpkeepTest {

    private final ManualTime time = new ManualTime();
    private final Alarms alarms = new Alarms(time);
    private final Readiness readiness = new Readiness();
    private final Digests digests = new Digests(StoreRig::header);
    private StoreRig rig;

    @BeforeEach
    void open(@TempDir Path directory) {
        rig = new StoreRig(directory);
    }

    @AfterEach
    void close() {
        rig.close();
    }

    @Test
    void theStatusTellsOfStoreReadinessAndAlarms() {
        StatusReport report = new StatusReport(readiness, alarms, () -> 12345, time);
        rig.put("a", "1");
        rig.put("a", "22");
        readiness.check("leader", () -> Optional.of("none is known"));
        alarms.raise(AlarmKind.ALARM_KIND_CLOCK_OFF, Map.of("node", "n2"), "off by 3 s");
        time.pass(Duration.ofMillis(61_500));

        GetStatusResponse status = report.of(rig.store()).build();

        assertThat(status.getUptime().getSeconds()).isEqualTo(61);
        assertThat(status.getUptime().getNanos()).isEqualTo(500_000_000);
        assertThat(status.getNotReadyList())
                .containsExactly(NotReady.newBuilder()
                        .setCheck("leader")
                        .setReason("none is known")
                        .build());
        assertThat(status.getAlarmsList()).extracting(Alarm::getMessage).containsExactly("off by 3 s");
        assertThat(status.getStore().getRowCount()).isEqualTo(1);
        assertThat(status.getStore().getLiveBytes()).isPositive();
        assertThat(status.getStore().getHistoryBytes()).isPositive();
        assertThat(status.getStore().getDiskFreeBytes()).isEqualTo(12345);
        assertThat(status.getHorizon()).isZero();
        assertThat(status.getCheckpointIndex()).isZero();
        assertThat(status.hasCheckpointTime()).isFalse();
    }

    @Test
    void aCheckpointIsToldOfInTheStatus() {
        rig.put("a", "1");
        CreateCheckpointResponse made = new Checkpoints(StoreRig::header, Runnable::run)
                .create(rig.store())
                .join();
        rig.put("a", "2");

        assertThat(made.getCheckpointIndex()).isEqualTo(1);
        assertThat(made.getHeader().getServedBy()).isEqualTo("s1");
        GetStatusResponse status = new StatusReport(readiness, alarms, () -> 0, time)
                .of(rig.store())
                .build();
        assertThat(status.getCheckpointIndex()).isEqualTo(1);
        assertThat(status.getCheckpointTime().getSeconds()).isEqualTo(1001);
        assertThat(status.getStore().getTableFileCount()).isPositive();
        assertThat(status.getStore().getDiskBytes()).isPositive();
    }

    @Test
    void aCheckpointThatCannotBeMadeFails() {
        rig.store().close();
        assertThatThrownBy(() -> new Checkpoints(StoreRig::header, Runnable::run)
                        .create(rig.store())
                        .join())
                .isNotNull();
    }

    @Test
    void anAlarmKeepsItsTimeUntilItIsCleared() {
        Map<String, String> shard = Map.of("shard", "7");
        alarms.raise(AlarmKind.ALARM_KIND_DIGEST_MISMATCH, shard, "bucket 1");
        time.pass(Duration.ofSeconds(10));
        alarms.raise(AlarmKind.ALARM_KIND_DIGEST_MISMATCH, shard, "buckets 1 and 2");
        alarms.raise(AlarmKind.ALARM_KIND_STORE_FULL, Map.of(), "full");

        assertThat(alarms.raised()).extracting(Alarm::getMessage).containsExactly("buckets 1 and 2", "full");
        assertThat(alarms.raised().get(0).getSince().getSeconds()).isZero();
        assertThat(alarms.raised().get(1).getSince().getSeconds()).isEqualTo(10);

        alarms.clear(AlarmKind.ALARM_KIND_DIGEST_MISMATCH, Map.of("shard", "8"));
        alarms.clear(AlarmKind.ALARM_KIND_DIGEST_MISMATCH, shard);
        assertThat(alarms.raised()).extracting(Alarm::getMessage).containsExactly("full");
    }

    @Test
    void alarmsAreBounded() {
        for (int i = 0; i < 2000; i++) {
            alarms.raise(AlarmKind.ALARM_KIND_CORRUPTION, Map.of("file", "f" + i), "damaged");
        }
        assertThat(alarms.raised()).hasSize(1000);
    }

    @Test
    void keptDigestsAreThoseOfTheStoreAtAnAgreedIndex() {
        rig.putMany(5000);

        GetDigestsResponse answer = digests.kept(rig.store(), GetDigestsRequest.getDefaultInstance());

        assertThat(answer.getIndex()).isEqualTo(4096);
        assertThat(answer.getHeader().getReadIndex()).isEqualTo(4096);
        assertThat(answer.getDigestVersion()).isEqualTo(1);
        assertThat(answer.getDigestsList()).hasSize(1024);
        assertThat(answer.getDigestsList().stream()
                        .mapToLong(ShardDigest::getRowCount)
                        .sum())
                .isEqualTo(10);
        assertThat(answer.getDigests(0).getBucketDigestsList()).isEmpty();

        GetDigestsResponse some = digests.kept(
                rig.store(),
                GetDigestsRequest.newBuilder()
                        .setIndex(4096)
                        .setShards(ShardSet.newBuilder()
                                .addRanges(ShardRange.newBuilder().setFirst(3).setLast(4)))
                        .setDetail(DigestDetail.DIGEST_DETAIL_BUCKETS)
                        .build());
        assertThat(some.getDigestsList()).extracting(ShardDigest::getShard).containsExactly(3, 4);
        assertThat(some.getDigests(0).getBucketDigestsList()).hasSize(16);
        assertThat(some.getDigests(0).getDigest())
                .isEqualTo(answer.getDigests(3).getDigest());
    }

    @Test
    void digestsThatAreNotKeptAreRefusedWithTheReason() {
        assertThat(refused(GetDigestsRequest.getDefaultInstance()))
                .isEqualTo(ErrorReason.ERROR_REASON_INDEX_NOT_REACHED);
        rig.putMany(5000);
        assertThat(refused(index(8192))).isEqualTo(ErrorReason.ERROR_REASON_INDEX_NOT_REACHED);
        assertThat(refused(index(4097))).isEqualTo(ErrorReason.ERROR_REASON_INVALID_FIELD);
        assertThat(refused(index(-1))).isEqualTo(ErrorReason.ERROR_REASON_INVALID_FIELD);
        for (int i = 0; i < 8; i++) {
            rig.putMany(4096);
        }
        assertThat(refused(index(4096))).isEqualTo(ErrorReason.ERROR_REASON_HORIZON_PASSED);
    }

    private static GetDigestsRequest index(long index) {
        return GetDigestsRequest.newBuilder().setIndex(index).build();
    }

    private ErrorReason refused(GetDigestsRequest request) {
        try {
            digests.kept(rig.store(), request);
        } catch (RuntimeException e) {
            return ErrorStatus.from(e).orElseThrow().reason();
        }
        throw new AssertionError("not refused");
    }

    @Test
    void aSoundStoreIsFoundSound() {
        rig.putMany(100);
        List<Progress> told = new ArrayList<>();
        Digests.Checked checked = digests.check(rig.store(), told::add, () -> false);
        assertThat(checked.index()).isEqualTo(100);
        assertThat(checked.mismatches()).isEmpty();
    }
}
