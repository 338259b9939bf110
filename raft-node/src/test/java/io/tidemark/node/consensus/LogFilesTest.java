// SPDX-License-Identifier: Apache-2.0
package io.tidemark.node.consensus;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.apache.ratis.server.raftlog.segmented.LogSegmentPath;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LogFilesTest {

    private static final long BEHIND_ALL = 1_000_000;

    @TempDir
    private Path root;

    private Path log;

    @BeforeEach
    void write() throws IOException {
        try (TestGroup group = TestGroup.of(root, Duration.ofMillis(300), "n1")) {
            for (int i = 0; i < 10; i++) {
                group.put("k" + i, "v".repeat(300));
            }
            log = NodeLayout.log(group.directory("n1"), new NodeIdentity(TestGroup.CLUSTER, "n1").group());
            group.kill("n1");
        }
    }

    @Test
    void shouldDropALogThatEndsBeforeTheCheckpointAndNoOther() throws IOException {
        int files = LogFiles.in(log).size();
        LogFiles.dropBefore(log, 3);
        assertThat(LogFiles.in(log)).hasSize(files);
        LogFiles.dropBefore(log, BEHIND_ALL);
        assertThat(LogFiles.in(log)).isEmpty();
    }

    /** What lies behind the damage was acknowledged, as far as anybody can tell. */
    @Test
    void shouldKeepALogThatCannotBeReadToItsEnd() throws IOException {
        List<LogSegmentPath> before = LogFiles.in(log);
        Path newest = before.get(before.size() - 1).getPath();
        byte[] bytes = Files.readAllBytes(newest);
        bytes[1500] ^= 1;
        Files.write(newest, bytes);

        LogFiles.dropBefore(log, BEHIND_ALL);
        assertThat(LogFiles.in(log)).hasSameSizeAs(before);
        assertThat(Files.readAllBytes(newest)).isEqualTo(bytes);
    }
}
