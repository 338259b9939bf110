// SPDX-License-Identifier: Apache-2.0
package io.tidemark.node.consensus;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HeartbeatsTest {

    /** Ratis alone sends a heartbeat in half of it. */
    private static final Duration ELECTION_MIN = Duration.ofSeconds(4);

    private static final int BEATS = 6;

    @TempDir
    private Path root;

    @Test
    void shouldAssureFollowersOfAnIdleLeaderOften() throws IOException {
        try (TestGroup group = TestGroup.of(root, ELECTION_MIN, "n1", "n2", "n3")) {
            String leader = group.awaitLeader();
            String follower = leader.equals("n1") ? "n2" : "n1";
            long start = System.nanoTime();
            for (int i = 0; i < BEATS; i++) {
                Duration heard = group.node(follower).leaderSilence();
                Duration[] last = {heard};
                TestGroup.await("a heartbeat", () -> {
                    Duration before = last[0];
                    last[0] = group.node(follower).leaderSilence();
                    return last[0].compareTo(before) < 0;
                });
            }
            assertThat(Duration.ofNanos(System.nanoTime() - start))
                    .isLessThan(ELECTION_MIN.dividedBy(2).multipliedBy(BEATS - 1));
            assertThat(group.awaitLeader()).isEqualTo(leader);
        }
    }
}
