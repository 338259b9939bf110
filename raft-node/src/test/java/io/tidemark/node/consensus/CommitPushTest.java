// SPDX-License-Identifier: Apache-2.0
package io.tidemark.node.consensus;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CommitPushTest {

    private static final Duration ELECTION_MIN = Duration.ofSeconds(10);
    private static final Duration BEAT = Heartbeats.every(ELECTION_MIN);

    private static final int COMMITS = 6;

    @TempDir
    private Path root;

    @Test
    void shouldTellFollowersOfALoneCommitAtOnce() throws IOException {
        try (TestGroup group = TestGroup.of(root, ELECTION_MIN, "n1", "n2", "n3")) {
            String leader = group.awaitLeader();
            long start = System.nanoTime();
            for (int i = 0; i < COMMITS; i++) {
                group.put("k", "v" + i);
                long index = group.node(leader).appliedIndex();
                for (String id : List.of("n1", "n2", "n3")) {
                    TestGroup.await(id + " to apply", () -> group.told(id).applied >= index);
                }
            }
            // By heartbeats alone it would take twice as long at least.
            assertThat(Duration.ofNanos(System.nanoTime() - start))
                    .isLessThan(BEAT.dividedBy(4).multipliedBy(COMMITS));
            assertThat(group.awaitLeader()).isEqualTo(leader);
        }
    }
}
