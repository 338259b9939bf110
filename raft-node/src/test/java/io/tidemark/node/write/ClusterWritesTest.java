// SPDX-License-Identifier: Apache-2.0
package io.tidemark.node.write;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import io.grpc.Context;
import io.tidemark.api.ErrorStatus;
import io.tidemark.api.HistoryId;
import io.tidemark.node.consensus.Member;
import io.tidemark.proto.v1.BatchWriteRequest;
import io.tidemark.proto.v1.BatchWriteResponse;
import io.tidemark.proto.v1.CommitOutcome;
import io.tidemark.proto.v1.CommitRequest;
import io.tidemark.proto.v1.CommitResponse;
import io.tidemark.proto.v1.Expiry;
import io.tidemark.proto.v1.IncrementMutation;
import io.tidemark.proto.v1.Mutation;
import io.tidemark.proto.v1.PutRequest;
import io.tidemark.proto.v1.PutResponse;
import io.tidemark.proto.v1.Value;
import io.tidemark.proto.v1.WriteOptions;
import io.tidemark.server.process.LoopbackPorts;
import io.tidemark.store.RowName;
import io.tidemark.store.StoredRow;
import io.tidemark.store.state.Store;
import io.tidemark.store.state.StoreBirth;
import io.tidemark.store.state.StoreView;
import io.tidemark.store.validate.SettingsRules;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Writes at any node of a real group, with real forwarding. */
class ClusterWritesTest {

    private static final Duration WAIT = Duration.ofSeconds(30);
    private static final int SHARDS = 16;

    @TempDir
    Path root;

    private final List<WritingNode> nodes = new ArrayList<>();
    private final ScheduledExecutorService deadlines = Executors.newSingleThreadScheduledExecutor();

    @BeforeEach
    void start() throws Exception {
        List<Member> members = new ArrayList<>();
        for (int i = 1; i <= 3; i++) {
            members.add(new Member("n" + i, address(), address(), "127.0.0.1:1"));
        }
        StoreBirth birth = StoreBirth.ofNewHistory(
                new HistoryId("0123456789abcdef"),
                SettingsRules.defaults().toBuilder()
                        .setShardCount(SHARDS)
                        .setAutoCreateTables(true)
                        .build());
        for (Member member : members) {
            nodes.add(new WritingNode(member, members, root.resolve(member.id()), birth, NodeWriteOptions.defaults()));
        }
        await("a leader", () -> leader() != null);
    }

    private static String address() {
        return "127.0.0.1:" + LoopbackPorts.next();
    }

    @AfterEach
    void stop() {
        nodes.forEach(WritingNode::close);
        deadlines.shutdownNow();
    }

    @Test
    void everyNodeTakesWritesAndTheLeaderAnswersThem() {
        for (int i = 0; i < 3; i++) {
            PutResponse answer =
                    nodes.get(i).writes().put(put("k" + i, "v" + i)).join();
            assertThat(answer.getReplayed()).isFalse();
            assertThat(answer.getRow().getModifiedIndex()).isEqualTo(answer.getIndex());
            assertThat(answer.getHeader().getServedBy()).isEqualTo("n" + (nodes.indexOf(leader()) + 1));
        }
        BatchWriteResponse batch = follower()
                .writes()
                .batchWrite(BatchWriteRequest.newBuilder()
                        .addWrites(increment("c", "b1"))
                        .addWrites(CommitRequest.getDefaultInstance())
                        .addWrites(increment("c", "b2"))
                        .build())
                .join();
        assertThat(batch.getResults(0).getCommit().getOutcome()).isEqualTo(CommitOutcome.COMMIT_OUTCOME_COMMITTED);
        assertThat(batch.getResults(1).hasError()).isTrue();
        assertThat(batch.getResults(2).getCommit().getIndex())
                .isEqualTo(batch.getHeader().getReadIndex());
        assertAllEqual();
    }

    @Test
    void anIdleClusterExpiresItsRows() {
        PutRequest request = put("k", "v").toBuilder()
                .setExpiry(Expiry.newBuilder()
                        .setTtl(com.google.protobuf.Duration.newBuilder().setNanos(200_000_000)))
                .build();
        nodes.get(0).writes().put(request).join();
        nodes.forEach(node -> await("the expiry", () -> get(node.store(), "k") == null));
    }

    /**
     * Writers at every node, while leadership goes round. A write without an outcome is sent again with its id, as clients do.
     */
    @Test
    void nothingIsLostOrDoneTwiceWhileLeadershipMoves() throws Exception {
        int writers = 6;
        int writesEach = 30;
        AtomicBoolean writing = new AtomicBoolean(true);
        AtomicInteger transfers = new AtomicInteger();
        List<Thread> threads = new ArrayList<>();
        AtomicInteger acknowledged = new AtomicInteger();
        List<Throwable> failures = Collections.synchronizedList(new ArrayList<>());
        for (int w = 0; w < writers; w++) {
            int writer = w;
            threads.add(new Thread(() -> {
                try {
                    for (int i = 0; i < writesEach; i++) {
                        increment(nodes.get(writer % 3), "c" + writer, writer + "-" + i);
                        acknowledged.incrementAndGet();
                    }
                } catch (Throwable e) {
                    failures.add(e);
                }
            }));
        }
        Thread mover = new Thread(() -> {
            while (writing.get()) {
                WritingNode leader = leader();
                if (leader != null) {
                    String to = "n" + ((nodes.indexOf(leader) + 1) % 3 + 1);
                    leader.consensus()
                            .transferLeadership(to, Duration.ofSeconds(2))
                            .join();
                    transfers.incrementAndGet();
                }
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(150));
            }
        });
        threads.forEach(Thread::start);
        mover.start();
        for (Thread thread : threads) {
            thread.join(TimeUnit.MINUTES.toMillis(2));
        }
        writing.set(false);
        mover.join(TimeUnit.SECONDS.toMillis(20));

        assertThat(failures).isEmpty();
        assertThat(acknowledged.get()).isEqualTo(writers * writesEach);
        assertThat(transfers.get()).isPositive();
        assertAllEqual();
        for (int w = 0; w < writers; w++) {
            assertThat(get(nodes.get(0).store(), "c" + w)).isEqualTo(Integer.toString(writesEach));
        }
        // A call whose caller went to another node ends at its deadline, if not before.
        nodes.forEach(node -> await("the end of all calls", () -> node.writes().callsUnderWay() == 0));
    }

    private void increment(WritingNode node, String key, String requestId) throws Exception {
        CommitRequest request = increment(key, requestId);
        for (int attempt = 0; attempt < 50; attempt++) {
            try (Context.CancellableContext context =
                    Context.current().withDeadlineAfter(3, TimeUnit.SECONDS, deadlines)) {
                CommitResponse answer =
                        context.call(() -> node.writes().commit(request)).join();
                assertThat(answer.getOutcome()).isEqualTo(CommitOutcome.COMMIT_OUTCOME_COMMITTED);
                return;
            } catch (CompletionException e) {
                // Every failure says what it is, so that the client knows to send the same again.
                assertThat(ErrorStatus.from(cause(e)))
                        .as("an error of ours: " + e)
                        .isPresent();
            }
        }
        fail("never acknowledged: " + requestId);
    }

    private static Throwable cause(Throwable e) {
        Throwable cause = e.getCause();
        return cause == null ? e : cause;
    }

    private static PutRequest put(String key, String value) {
        return PutRequest.newBuilder()
                .setTable("t")
                .setKey(key)
                .setValue(Value.newBuilder().setText(value))
                .build();
    }

    private static CommitRequest increment(String key, String requestId) {
        return CommitRequest.newBuilder()
                .addMutations(Mutation.newBuilder()
                        .setTable("t")
                        .setIncrement(IncrementMutation.newBuilder().setKey(key).setDelta(1)))
                .setWriteOptions(WriteOptions.newBuilder()
                        .setRequestId("w-" + key + "-" + requestId)
                        .setFirstSentIndex(0))
                .build();
    }

    private @Nullable WritingNode leader() {
        return nodes.stream()
                .filter(node -> node.consensus().isReady())
                .findFirst()
                .orElse(null);
    }

    private WritingNode follower() {
        return nodes.stream()
                .filter(node -> !node.consensus().isReady())
                .findFirst()
                .orElseThrow();
    }

    private static @Nullable String get(Store store, String key) {
        try (StoreView view = store.view()) {
            StoredRow row = view.get(new RowName("t", key));
            return row == null ? null : row.value().toStringUtf8();
        }
    }

    private void assertAllEqual() {
        await(
                "all to be level",
                () -> nodes.stream()
                                .mapToLong(node -> node.store().appliedIndex())
                                .distinct()
                                .count()
                        == 1);
        Store first = nodes.get(0).store();
        for (WritingNode node : nodes) {
            for (int shard = 0; shard < SHARDS; shard++) {
                assertThat(node.store().digests().shard(shard))
                        .isEqualTo(first.digests().shard(shard));
            }
        }
    }

    private static void await(String what, BooleanSupplier condition) {
        long end = System.nanoTime() + WAIT.toNanos();
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as("waited too long for " + what).isLessThan(end);
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(5));
        }
    }
}
