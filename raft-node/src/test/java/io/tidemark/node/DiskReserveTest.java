// SPDX-License-Identifier: Apache-2.0
package io.tidemark.node;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.node.write.SubmitOutcome;
import io.tidemark.proto.v1.Alarm;
import io.tidemark.proto.v1.AlarmKind;
import io.tidemark.proto.v1.GetStatusResponse;
import io.tidemark.proto.v1.NodeStatus;
import io.tidemark.server.time.ManualTime;
import io.tidemark.server.upkeep.Alarms;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class DiskReserveTest {

    private static final long RESERVE = 1_000;

    private final ManualTime time = new ManualTime();
    private final Alarms alarms = new Alarms(time);
    private final FakeSpace space = new FakeSpace();
    private final FakeNode node = new FakeNode();
    private DiskReserve reserve;

    private static final class FakeSpace implements DiskReserve.Space {
        private long total = 1_000_000;
        private long usable = 500_000;
        private boolean fails;

        @Override
        public long totalBytes() throws IOException {
            if (fails) {
                throw new IOException("gone");
            }
            return total;
        }

        @Override
        public long usableBytes() {
            return usable;
        }
    }

    private static final class FakeNode implements DiskReserve.Node {
        private final Map<String, GetStatusResponse> heard = new HashMap<>();
        private final List<String> handedTo = new ArrayList<>();
        private Set<String> voters = Set.of("n1", "n2", "n3");
        private CompletableFuture<Void> handOver = new CompletableFuture<>();
        private boolean leads = true;
        private SubmitOutcome.@Nullable StoreFull refused;

        @Override
        public boolean leads() {
            return leads;
        }

        @Override
        public Set<String> voters() {
            return voters;
        }

        @Override
        public Map<String, GetStatusResponse> heard() {
            return heard;
        }

        @Override
        public void refuse(SubmitOutcome.@Nullable StoreFull full) {
            refused = full;
        }

        @Override
        public CompletableFuture<?> handOver(String to) {
            handedTo.add(to);
            handOver = new CompletableFuture<>();
            return handOver;
        }

        void hear(String id, boolean hasRoom, long commitIndex) {
            GetStatusResponse.Builder status = GetStatusResponse.newBuilder()
                    .setServerId(id)
                    .setNode(NodeStatus.newBuilder().setRaftCommitIndex(commitIndex));
            if (!hasRoom) {
                status.addAlarms(Alarm.newBuilder().setKind(AlarmKind.ALARM_KIND_STORE_FULL));
            }
            heard.put(id, status.build());
        }
    }

    @BeforeEach
    void begin() {
        begin(RESERVE);
    }

    private void begin(long bytes) {
        reserve = new DiskReserve("n1", bytes, space, alarms, time, node);
        reserve.begin();
    }

    private void looks(long usable) {
        space.usable = usable;
        time.pass(DiskReserve.INTERVAL);
    }

    private SubmitOutcome.StoreFull refused() {
        return Objects.requireNonNull(node.refused, "writes are taken");
    }

    @Test
    void writesAreRefusedBelowTheReserveAndTakenAgainWellAboveIt() {
        looks(RESERVE);
        assertThat(node.refused).isNull();
        assertThat(alarms.raised()).isEmpty();

        looks(RESERVE - 1);
        assertThat(refused().why()).contains("n1");
        assertThat(refused().needed()).isEqualTo(1_250);
        assertThat(refused().isStalled()).isFalse();
        assertThat(alarms.raised()).singleElement().satisfies(alarm -> {
            assertThat(alarm.getKind()).isEqualTo(AlarmKind.ALARM_KIND_STORE_FULL);
            assertThat(alarm.getMessage()).contains("n1", "999 bytes", "1000", "1250");
        });

        looks(1_249);
        assertThat(node.refused).isNotNull();
        assertThat(alarms.raised())
                .singleElement()
                .satisfies(alarm -> assertThat(alarm.getMessage()).contains("1249 bytes"));

        looks(1_250);
        assertThat(node.refused).isNull();
        assertThat(alarms.raised()).isEmpty();
        looks(1_249);
        assertThat(node.refused).isNull();
    }

    @Test
    void noMoreThanATwentiethOfASmallDiskIsKeptBack() {
        space.total = 10_000;
        looks(500);
        assertThat(node.refused).isNull();
        looks(499);
        assertThat(refused().needed()).isEqualTo(625);
    }

    @Test
    void noReserveRefusesNothing() {
        reserve.close();
        begin(0);
        looks(0);
        assertThat(node.refused).isNull();
        assertThat(alarms.raised()).isEmpty();
    }

    @Test
    void aDiskThatCannotBeLookedAtIsTakenToBeAsItWas() {
        looks(1);
        space.fails = true;
        looks(500_000);
        assertThat(node.refused).isNotNull();
        space.fails = false;
        looks(500_000);
        assertThat(node.refused).isNull();
    }

    @Test
    void aStallIsToldBeforeAReserveAndLeavesItBehind() {
        looks(1);
        reserve.stalled(true);
        assertThat(refused().isStalled()).isTrue();
        assertThat(alarms.raised())
                .singleElement()
                .satisfies(alarm -> assertThat(alarm.getMessage()).contains("nothing is applied"));

        reserve.stalled(false);
        assertThat(refused().isStalled()).isFalse();
        assertThat(alarms.raised()).hasSize(1);
        looks(500_000);
        assertThat(alarms.raised()).isEmpty();
    }

    @Test
    void leadershipGoesToTheFurthestOfThoseThatHaveRoom() {
        node.hear("n2", true, 7);
        node.hear("n3", true, 8);
        looks(500_000);
        assertThat(node.handedTo).isEmpty();

        looks(1);
        assertThat(node.handedTo).containsExactly("n3");
        assertThat(node.refused).isNotNull();
        looks(1);
        assertThat(node.handedTo).as("one at a time").hasSize(1);

        node.handOver.completeExceptionally(new IllegalStateException("not now"));
        looks(1);
        assertThat(node.handedTo).containsExactly("n3", "n3");
        node.handOver.complete(null);
        node.leads = false;
        looks(1);
        assertThat(node.handedTo).hasSize(2);
    }

    @Test
    void leadershipStaysWhereNobodyCouldTakeWrites() {
        looks(1);
        node.hear("n2", false, 7);
        node.hear("n3", false, 7);
        looks(1);
        // Whatever n3 took, one of the others would have to keep.
        node.hear("n3", true, 7);
        looks(1);
        assertThat(node.handedTo).isEmpty();
        assertThat(node.refused).isNotNull();
    }

    @Test
    void aLeaderTakesNoWritesThatNoMajorityHasRoomFor() {
        node.hear("n2", false, 7);
        node.hear("n3", true, 7);
        looks(500_000);
        assertThat(node.refused).isNull();

        node.hear("n3", false, 7);
        looks(500_000);
        assertThat(refused().why()).contains("n2", "n3");
        assertThat(alarms.raised()).as("they say so themselves").isEmpty();

        node.heard.remove("n3");
        looks(500_000);
        assertThat(refused().why()).contains("n2").doesNotContain("n3");

        node.leads = false;
        looks(500_000);
        assertThat(node.refused).isNull();
    }

    @Test
    void nodesThatAreAwayAreNotTakenToBeFull() {
        looks(500_000);
        assertThat(node.refused).isNull();
        node.voters = Set.of("n1");
        looks(1);
        assertThat(node.refused).isNotNull();
        assertThat(node.handedTo).isEmpty();
    }

    @Test
    void nothingIsLookedAtOnceItIsClosed() {
        reserve.close();
        looks(1);
        assertThat(node.refused).isNull();
        assertThat(time.pendingCalls()).isZero();
    }
}
