// SPDX-License-Identifier: Apache-2.0
package io.tidemark.server.feed;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.tidemark.api.ShardHash;
import io.tidemark.proto.v1.BootstrapEnd;
import io.tidemark.proto.v1.BootstrapRequest;
import io.tidemark.proto.v1.BootstrapResponse;
import io.tidemark.proto.v1.BootstrapRow;
import io.tidemark.proto.v1.BootstrapRowList;
import io.tidemark.proto.v1.BootstrapRows;
import io.tidemark.proto.v1.ErrorReason;
import io.tidemark.proto.v1.RowKey;
import io.tidemark.server.call.FakeServerCall;
import io.tidemark.server.read.LocalState;
import io.tidemark.server.read.LocalStates;
import io.tidemark.server.read.StoreRig;
import io.tidemark.server.time.ManualTime;
import io.tidemark.store.RowName;
import io.tidemark.store.Shards;
import io.tidemark.store.copy.RowChunk;
import io.tidemark.store.digest.RowHasher;
import io.tidemark.store.engine.EngineOptions;
import io.tidemark.store.engine.InMemoryEngine;
import io.tidemark.store.format.Spaces;
import io.tidemark.store.state.Store;
import io.tidemark.store.state.StoreOptions;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BootstrapsTest {

    private static final int ROWS = 300;
    private static final int SHARD_COUNT = 1024;
    private static final Shards HALF =
            Shards.of(IntStream.range(0, SHARD_COUNT).filter(i -> i % 2 == 0).toArray());
    private static final BootstrapOptions OPTIONS =
            new BootstrapOptions(1, Duration.ofMinutes(2), Duration.ofMillis(50), Duration.ofSeconds(1), 2_000, 20);

    private final ManualTime time = new ManualTime();
    private StoreRig rig;
    private Bootstraps bootstraps;

    @BeforeEach
    void open(@TempDir Path directory) {
        rig = new StoreRig(directory);
        for (int i = 0; i < ROWS; i++) {
            rig.put("k" + i, "v".repeat(100) + i);
        }
        LocalState state = LocalStates.unproven(rig.store(), "n1", time);
        bootstraps = new Bootstraps("n1", () -> "c1", () -> state, OPTIONS, time, Runnable::run);
    }

    @AfterEach
    void close() {
        bootstraps.stop();
        rig.close();
    }

    private static BootstrapRequest.Builder request(Shards shards) {
        return BootstrapRequest.newBuilder()
                .setClusterId("c1")
                .setHistoryId(StoreRig.HISTORY.text())
                .setShards(shards.toProto());
    }

    private Receiver receive(BootstrapRequest.Builder request) {
        return receive(request, any -> {});
    }

    private Receiver receive(BootstrapRequest.Builder request, Consumer<Receiver> atEach) {
        Receiver receiver = new Receiver(atEach);
        bootstraps.bootstrap(request.build(), receiver);
        return receiver;
    }

    /** Does something at each message. */
    private static final class Receiver extends FakeServerCall<BootstrapResponse> {
        final Consumer<Receiver> atEach;

        Receiver(Consumer<Receiver> atEach) {
            this.atEach = atEach;
        }

        List<BootstrapRows> chunks() {
            return messages.stream()
                    .filter(BootstrapResponse::hasRows)
                    .map(BootstrapResponse::getRows)
                    .toList();
        }

        String token() {
            List<BootstrapRows> chunks = chunks();
            return chunks.get(chunks.size() - 1).getResumeToken();
        }

        BootstrapEnd end() {
            assertThat(isCompleted()).isTrue();
            return last().getEnd();
        }

        /** Leaves at the message of this number. */
        void leaveAt(int number) {
            if (messages.size() == number) {
                cancel();
            }
        }

        @Override
        protected void received(BootstrapResponse message) {
            atEach.accept(this);
        }
    }

    private static RowName name(RowKey key) {
        return new RowName(key.getTable(), key.getKey());
    }

    /** Each chunk goes on where the one before ended, and its checksum holds. */
    private static List<BootstrapRow> rows(List<BootstrapRows> chunks, @Nullable RowKey from) throws Exception {
        List<BootstrapRow> rows = new ArrayList<>();
        RowKey before = from;
        for (BootstrapRows chunk : chunks) {
            assertThat(chunk.hasAfter()).isEqualTo(before != null);
            if (before != null) {
                assertThat(chunk.getAfter()).isEqualTo(before);
            }
            RowChunk checked = RowChunk.received(
                    before == null ? null : name(before),
                    name(chunk.getThrough()),
                    chunk.getRows(),
                    chunk.getRowsCrc32C());
            assertThat(checked.rowCount())
                    .isEqualTo(BootstrapRowList.parseFrom(chunk.getRows()).getRowsCount());
            rows.addAll(BootstrapRowList.parseFrom(chunk.getRows()).getRowsList());
            before = chunk.getThrough();
        }
        return rows;
    }

    private static long rowsOf(Shards shards) {
        return IntStream.range(0, ROWS)
                .filter(i -> shards.contains(ShardHash.shardOf("t", "k" + i, SHARD_COUNT)))
                .count();
    }

    @Test
    void shouldSendTheRowsOfTheShardsAtOneIndex() throws Exception {
        Receiver receiver = receive(request(HALF), at -> rig.put("k1", "changed meanwhile"));

        assertThat(receiver.messages.get(0).getStart().getIndex()).isEqualTo(ROWS);
        assertThat(receiver.messages.get(0).getStart().getHistoryId()).isEqualTo(StoreRig.HISTORY.text());
        assertThat(receiver.messages.get(0).getStart().getLogTime().getSeconds())
                .isEqualTo(1000 + ROWS);
        assertThat(receiver.messages.get(0).getStart().getEstimatedRows()).isEqualTo(rowsOf(HALF));
        List<BootstrapRow> rows = rows(receiver.chunks(), null);
        assertThat(rows).hasSize((int) rowsOf(HALF)).allSatisfy(row -> {
            assertThat(HALF.contains(row.getShard())).isTrue();
            assertThat(row.getImage().getValue()).isNotEqualTo(ByteString.copyFromUtf8("changed meanwhile"));
            assertThat(row.getModifiedIndex()).isBetween(1L, (long) ROWS);
        });
        BootstrapEnd end = receiver.end();
        assertThat(end.getRowCount()).isEqualTo(rows.size());
        assertThat(end.getDigestVersion()).isEqualTo(RowHasher.VERSION);
        assertThat(end.getDigestsList().stream()
                        .mapToLong(digest -> digest.getRowCount())
                        .sum())
                .isEqualTo(rows.size());
        assertThat(end.getDigestsCount()).isEqualTo(HALF.count());
        assertThat(end.getTablesList())
                .singleElement()
                .satisfies(table -> assertThat(table.getTable()).isEqualTo("t"));
        assertThat(bootstraps.transfers().heldCount()).isZero();
        assertThat(bootstraps.transfers().completed()).isEqualTo(1);
    }

    @Test
    void shouldMakeAStoreThatHasTheDigestsOfTheEnd() {
        Receiver receiver = receive(request(HALF));
        StoreOptions options = StoreOptions.defaults();
        try (Store replica = Store.create(
                new InMemoryEngine(EngineOptions.of(Spaces.RETENTION)),
                rig.store().replicaBirth(),
                options)) {
            replica.startCopy(HALF, receiver.messages.get(0).getStart().getIndex());
            RowKey before = null;
            for (BootstrapRows chunk : receiver.chunks()) {
                RowChunk received = RowChunk.received(
                        before == null ? null : name(before),
                        name(chunk.getThrough()),
                        chunk.getRows(),
                        chunk.getRowsCrc32C());
                while (!replica.copyIn(received, 1_000)) {
                    // The writer is held up in steps.
                }
                before = chunk.getThrough();
            }
            while (!replica.endCopy(receiver.end().getRowCount(), 1_000)) {
                // The same.
            }
            receiver.end()
                    .getDigestsList()
                    .forEach(digest -> assertThat(digest.getDigest())
                            .isEqualTo(
                                    replica.digests().shard(digest.getShard()).toBytes()));
        }
    }

    @Test
    void shouldSayNowAndThenThatThereIsNothingYet() {
        int shard = ShardHash.shardOf("t", "k7", SHARD_COUNT);

        Receiver receiver = receive(request(Shards.of(shard)));

        assertThat(receiver.chunks()).hasSizeGreaterThan(ROWS / OPTIONS.messageRows() / 2);
        assertThat(receiver.chunks()).anyMatch(chunk -> chunk.getRows().isEmpty());
        assertThat(receiver.end().getRowCount()).isEqualTo(rowsOf(Shards.of(shard)));
    }

    @Test
    void shouldGoOnToTheSameState() throws Exception {
        Receiver first = receive(request(HALF), at -> at.leaveAt(4));
        rig.put("k1", "changed meanwhile");
        assertThat(first.isCompleted()).isFalse();
        assertThat(bootstraps.transfers().heldCount()).isEqualTo(1);

        Receiver rest = receive(request(HALF).setResumeToken(first.token()));

        assertThat(rest.messages.get(0).getStart())
                .isEqualTo(first.messages.get(0).getStart());
        List<BootstrapRow> rows = rows(first.chunks(), null);
        RowKey reached = first.chunks().get(first.chunks().size() - 1).getThrough();
        rows.addAll(rows(rest.chunks(), reached));
        assertThat(rows).hasSize((int) rowsOf(HALF));
        assertThat(rest.end().getRowCount()).isEqualTo(rows.size());
        assertThat(bootstraps.transfers().heldCount()).isZero();
    }

    @Test
    void shouldLetAStateGoThatNobodyComesBackFor() {
        Receiver first = receive(request(HALF), at -> at.leaveAt(3));
        time.pass(OPTIONS.heldMax().plusSeconds(1));

        assertThat(bootstraps.transfers().heldCount()).isZero();
        assertThat(receive(request(HALF).setResumeToken(first.token())).reason())
                .isEqualTo(ErrorReason.ERROR_REASON_HORIZON_PASSED);
    }

    @Test
    void shouldNotGoOnWithOtherShards() {
        Receiver first = receive(request(HALF), at -> at.leaveAt(3));

        assertThat(receive(request(Shards.of(1)).setResumeToken(first.token())).reason())
                .isEqualTo(ErrorReason.ERROR_REASON_BAD_PAGE_TOKEN);
        assertThat(receive(request(HALF).setResumeToken("rubbish")).reason())
                .isEqualTo(ErrorReason.ERROR_REASON_BAD_PAGE_TOKEN);
        assertThat(receive(request(HALF).setResumeToken(first.token())).isCompleted())
                .isTrue();
    }

    @Test
    void shouldBreakOffWhereTheReceiverTakesNothing() {
        Receiver receiver = receive(request(HALF), at -> {
            if (at.messages.size() == 3) {
                at.takeNothing();
            }
        });

        assertThat(receiver.reason()).isEqualTo(ErrorReason.ERROR_REASON_OVERLOADED);
        assertThat(bootstraps.transfers().brokenOff()).isEqualTo(1);
        assertThat(bootstraps.transfers().heldCount()).as("it may come back").isEqualTo(1);
    }

    @Test
    void shouldHoldNoMoreStatesThanAllowed() {
        Receiver[] second = new Receiver[1];
        Receiver first = receive(request(HALF), at -> {
            if (at.messages.size() == 2) {
                second[0] = receive(request(HALF));
            }
        });

        assertThat(first.isCompleted()).isTrue();
        assertThat(second[0].reason()).isEqualTo(ErrorReason.ERROR_REASON_OVERLOADED);
    }

    @Test
    void shouldWaitForTheIndexThatIsAskedFor() {
        Receiver receiver = receive(request(HALF).setMinIndex(ROWS + 1));
        assertThat(receiver.messages).isEmpty();

        rig.put("one", "more");

        assertThat(receiver.messages.get(0).getStart().getIndex()).isEqualTo(ROWS + 1);
        assertThat(receiver.isCompleted()).isTrue();
    }

    @Test
    void shouldNotWaitForAnIndexForEver() {
        Receiver receiver = receive(request(HALF).setMinIndex(ROWS + 1));

        time.pass(OPTIONS.waitMax().plusSeconds(1));

        assertThat(receiver.hasFailed()).isTrue();
        assertThat(bootstraps.transfers().heldCount()).isZero();
    }

    @Test
    void shouldRefuseStrangers() {
        assertThat(receive(request(HALF).setClusterId("c2")).reason())
                .isEqualTo(ErrorReason.ERROR_REASON_CLUSTER_MISMATCH);
        assertThat(receive(request(HALF).setHistoryId("fedcba9876543210")).reason())
                .isEqualTo(ErrorReason.ERROR_REASON_HISTORY_CHANGED);
        assertThat(receive(request(Shards.NONE)).reason()).isEqualTo(ErrorReason.ERROR_REASON_INVALID_FIELD);
        assertThat(receive(request(Shards.of(SHARD_COUNT))).reason()).isEqualTo(ErrorReason.ERROR_REASON_INVALID_FIELD);
    }
}
