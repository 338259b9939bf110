// SPDX-License-Identifier: Apache-2.0
package io.tidemark.server.service;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.grpc.StatusRuntimeException;
import io.tidemark.api.ErrorStatus;
import io.tidemark.proto.v1.ErrorReason;
import io.tidemark.proto.v1.StreamScanRequest;
import io.tidemark.proto.v1.StreamScanResponse;
import io.tidemark.store.Shards;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class StreamScanTest {

    private static final int ROW_BYTES = 20_000;
    private static final int ROWS = 200;
    private static final StreamScanRequest ALL =
            StreamScanRequest.newBuilder().setTable("t").build();

    static RequestLimits limits(Duration pin) {
        return limits(pin, Duration.ofHours(2));
    }

    private static RequestLimits limits(Duration pin, Duration stall) {
        RequestLimits all = KeyValueServiceTest.limits(1 << 20, 5);
        return new RequestLimits(
                all.maxRequestBytes(),
                all.maxAnswerBytes(),
                all.maxBatchKeys(),
                all.maxBatchWrites(),
                all.defaultPageSize(),
                all.maxPageSize(),
                all.maxWatchFilters(),
                all.maxReadWait(),
                2 * ROW_BYTES,
                2,
                stall,
                2,
                pin);
    }

    private static ServiceRig rig(Path directory, Duration pin) {
        ServiceRig rig = new ServiceRig(directory, limits(pin));
        fill(rig);
        return rig;
    }

    private static void fill(ServiceRig rig) {
        for (int i = 0; i < ROWS; i++) {
            rig.data().put("t", key(i), ByteString.copyFrom(new byte[ROW_BYTES]), "image/png");
        }
    }

    private static String key(int number) {
        return String.format("k%04d", number);
    }

    private static Received<StreamScanRequest, StreamScanResponse> begin(ServiceRig rig, StreamScanRequest request) {
        Received<StreamScanRequest, StreamScanResponse> received = new Received<>();
        rig.keyValueAsync().streamScan(request, received);
        return received;
    }

    private static ErrorReason reason(@Nullable Throwable failure) {
        if (failure == null) {
            throw new AssertionError("the stream was complete");
        }
        return ErrorStatus.from(failure).orElseThrow().reason();
    }

    private static void awaitNoPin(ServiceRig rig) {
        while (rig.pendingTimers(rig.limits().maxScanPin()) > 0) {
            Thread.onSpinWait();
        }
    }

    @Test
    void shouldSendAllRowsAsOfOneIndexAndTheHeaderOnce(@TempDir Path directory) {
        try (ServiceRig rig = rig(directory, Duration.ofMinutes(1))) {
            Iterator<StreamScanResponse> messages = rig.keyValue().streamScan(ALL);
            StreamScanResponse first = messages.next();
            assertThat(first.getHeader().getReadIndex()).isEqualTo(ROWS);
            assertThat(first.getHeader().hasStaleness()).isTrue();
            int rows = first.getRowsCount();
            rig.data().put("z", "later");
            while (messages.hasNext()) {
                StreamScanResponse next = messages.next();
                assertThat(next.hasHeader()).isFalse();
                rows += next.getRowsCount();
            }
            assertThat(rows).isEqualTo(ROWS);
        }
    }

    @Test
    void shouldSendTheHeaderAlsoOfAnEmptyRange(@TempDir Path directory) {
        try (ServiceRig rig = new ServiceRig(directory)) {
            rig.data().put("a", "1");
            List<StreamScanResponse> messages = new ArrayList<>();
            rig.keyValue().streamScan(ALL.toBuilder().setPrefix("z").build()).forEachRemaining(messages::add);
            assertThat(messages).hasSize(1);
            assertThat(messages.get(0).getHeader().getReadIndex()).isEqualTo(1);
        }
    }

    @Test
    void shouldCountTheLimitOverResumptions(@TempDir Path directory) throws Exception {
        try (ServiceRig rig = rig(directory, Duration.ofMinutes(1))) {
            StreamScanRequest limited = ALL.toBuilder().setLimit(7).build();
            Received<StreamScanRequest, StreamScanResponse> broken = begin(rig, limited);
            StreamScanResponse first = broken.next();
            broken.cancel();
            int rows = first.getRowsCount();
            assertThat(rows).isLessThan(7);
            Iterator<StreamScanResponse> rest = rig.keyValue()
                    .streamScan(limited.toBuilder()
                            .setResumeToken(first.getResumeToken())
                            .build());
            while (rest.hasNext()) {
                rows += rest.next().getRowsCount();
            }
            assertThat(rows).isEqualTo(7);
            try {
                boolean unused = rig.keyValue()
                        .streamScan(ALL.toBuilder()
                                .setResumeToken(first.getResumeToken())
                                .build())
                        .hasNext();
                throw new AssertionError("a token of another request was taken");
            } catch (StatusRuntimeException e) {
                assertThat(reason(e)).isEqualTo(ErrorReason.ERROR_REASON_BAD_PAGE_TOKEN);
            }
        }
    }

    /** The places of cancelled streams are free again, and their timers gone. */
    @Test
    void shouldReleaseWhatACancelledStreamHeld(@TempDir Path directory) throws Exception {
        try (ServiceRig rig = rig(directory, Duration.ofHours(1))) {
            Received<StreamScanRequest, StreamScanResponse> first = begin(rig, ALL);
            Received<StreamScanRequest, StreamScanResponse> second = begin(rig, ALL);
            assertThat(first.next().getRowsCount()).isPositive();
            assertThat(second.next().getRowsCount()).isPositive();
            assertThat(rig.pendingTimers(Duration.ofHours(1))).isEqualTo(2);
            assertThat(reason(begin(rig, ALL).end())).isEqualTo(ErrorReason.ERROR_REASON_OVERLOADED);
            first.cancel();
            second.cancel();
            awaitNoPin(rig);
            assertThat(begin(rig, ALL).end()).isNull();
        }
    }

    /** What a connection takes ahead of the caller is some tens of KiB; the rest of 4 MB is not read. */
    @Test
    void shouldGoNoFasterThanTheCallerTakes(@TempDir Path directory) throws Exception {
        try (ServiceRig rig = rig(directory, Duration.ofMillis(100))) {
            Received<StreamScanRequest, StreamScanResponse> slow = begin(rig, ALL);
            StreamScanResponse first = slow.next();
            // While it waits, its pin runs out, and then history moves on.
            awaitNoPin(rig);
            for (int i = 0; i < 2; i++) {
                rig.data().passSeconds(1_000);
                rig.data().put("z", "later");
            }
            awaitNoPin(rig);
            assertThat(slow.waiting()).isZero();
            assertThat(reason(slow.end())).isEqualTo(ErrorReason.ERROR_REASON_HORIZON_PASSED);
            assertThat(first.getHeader().getReadIndex()).isEqualTo(ROWS);
        }
    }

    @Test
    void shouldCutOffACallerThatTakesNothing(@TempDir Path directory) throws Exception {
        try (ServiceRig rig = new ServiceRig(directory, limits(Duration.ofHours(1), Duration.ofMillis(50)))) {
            fill(rig);
            Received<StreamScanRequest, StreamScanResponse> stuck = begin(rig, ALL);
            assertThat(stuck.next().getRowsCount()).isPositive();
            while (rig.pendingTimers(Duration.ofHours(1)) > 0) {
                Thread.onSpinWait();
            }
            assertThat(reason(stuck.end())).isEqualTo(ErrorReason.ERROR_REASON_OVERLOADED);
            assertThat(rig.pendingTimers()).isZero();
        }
    }

    @Test
    void shouldGoOnAtTheSameIndexWhenItsPinHasRunOut(@TempDir Path directory) throws Exception {
        try (ServiceRig rig = rig(directory, Duration.ofMillis(100))) {
            Received<StreamScanRequest, StreamScanResponse> slow = begin(rig, ALL);
            int rows = slow.next().getRowsCount();
            awaitNoPin(rig);
            rig.data().put("t", key(ROWS), ByteString.EMPTY, "image/png");
            rig.data().delete(key(ROWS - 1));
            while (rows < ROWS) {
                rows += slow.next().getRowsCount();
            }
            assertThat(slow.end()).isNull();
            assertThat(slow.waiting()).isZero();
        }
    }

    @Test
    void shouldNotGoOnWithoutTheRowsOfAShardThatHasLeft(@TempDir Path directory) throws Exception {
        try (ServiceRig rig = rig(directory, Duration.ofMillis(100))) {
            Received<StreamScanRequest, StreamScanResponse> slow = begin(rig, ALL);
            slow.next();
            awaitNoPin(rig);

            rig.data().store().drop(Shards.of(3));
            while (rig.data().store().dropRows(1_000)) {
                // The next ones.
            }

            assertThat(reason(slow.end())).isEqualTo(ErrorReason.ERROR_REASON_SHARD_UNAVAILABLE);
        }
    }
}
