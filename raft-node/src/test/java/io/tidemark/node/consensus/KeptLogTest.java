// SPDX-License-Identifier: Apache-2.0
package io.tidemark.node.consensus;

import static io.tidemark.node.consensus.TestGroup.await;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a leader does with the log behind a checkpoint that a follower takes slowly while writes go on. */
class KeptLogTest {

    /** Three checkpoints would be made of so many, and the log behind the last dropped. */
    private static final int WRITES = 3 * TestGroup.CHECKPOINT_ENTRIES;

    /** So long that the leader stays the leader on a busy machine: another one would not know of the transfer. */
    private static final Duration ELECTION_MIN = Duration.ofSeconds(3);

    @TempDir
    private Path root;

    private static void put(TestGroup group) {
        group.put("k", "x".repeat(400));
    }

    /** Restarts a follower that lacks more than the log has, and begins to send it a checkpoint, which it does not take. */
    private static long beginToSend(TestGroup group, HeldInstalls held) {
        String follower = group.follower();
        group.stop(follower);
        long behind = group.node(group.awaitLeader()).commitIndex();
        await("the log to be dropped behind " + follower, () -> {
            put(group);
            return group.node(group.awaitLeader()).firstLogIndex() > behind + 1;
        });
        group.restart(follower);
        await("a checkpoint to be sent", () -> !held.transfers.isEmpty());
        return held.transfers.values().iterator().next();
    }

    @Test
    void shouldKeepWhatAFollowerNeedsOnceItHasTheCheckpoint() throws IOException {
        try (TestGroup group = TestGroup.of(root, ELECTION_MIN, "n1", "n2", "n3");
                HeldInstalls held = new HeldInstalls()) {
            long sent = beginToSend(group, held);
            Consensus leader = group.node(group.awaitLeader());
            for (int i = 0; i < WRITES; i++) {
                put(group);
            }
            assertThat(leader.firstLogIndex()).isLessThanOrEqualTo(sent + 1);

            held.letGo();
            group.assertAllEqual();
            assertThat(held.transfers).hasSize(1);
            await("the log to be dropped again", () -> {
                put(group);
                return leader.firstLogIndex() > sent + 1;
            });
        }
    }

    @Test
    void shouldNotKeepMoreThanABoundForAFollowerThatIsTooSlow() throws IOException {
        try (TestGroup group = TestGroup.of(root, ELECTION_MIN, "n1", "n2", "n3");
                HeldInstalls held = new HeldInstalls()) {
            long sent = beginToSend(group, held);
            Consensus leader = group.node(group.awaitLeader());
            await("the log to be dropped", () -> {
                put(group);
                return leader.firstLogIndex() > sent + 1;
            });
            assertThat(held.transfers)
                    .as("the first one still held, and not given up and begun again")
                    .hasSize(1);

            held.letGo();
            group.assertAllEqual();
        }
    }
}
