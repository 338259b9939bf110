// SPDX-License-Identifier: Apache-2.0
package io.tidemark.verify.peers;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.verify.fake.FakeServer;
import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

/** That it runs and prints what it should; {@code verify/peers/run} gives it real systems. */
class ComparisonTest {

    @Test
    void shouldMeasureTidemarkAlone() {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        try (FakeServer leader = FakeServer.start();
                FakeServer follower = FakeServer.startFollowerOf(leader)) {
            int exit = new CommandLine(new Comparison())
                    .setOut(new PrintWriter(out))
                    .setErr(new PrintWriter(err))
                    .execute(
                            "--tidemark=" + follower.address() + "," + leader.address(),
                            "--tidemark-pids=" + ProcessHandle.current().pid(),
                            "--rounds=1",
                            "--warm-up=0s",
                            "--settle=0s",
                            "--duration=100ms",
                            "--idle=1s",
                            "--keys=100");
            assertThat(exit).as(err.toString()).isZero();
        }

        assertThat(out.toString())
                .contains("| put, 256 outstanding | Tidemark |")
                .contains("| linearizable get, 64 outstanding, 2 channels | Tidemark |")
                .contains("| idle for 1 s | process | CPU", "| Tidemark | mean |")
                .contains("| one after the other |")
                .contains("| 100 per second | 50 |")
                .doesNotContain("etcd |");
    }

    @Test
    void shouldFailWithoutASystem() {
        StringWriter err = new StringWriter();

        assertThat(new CommandLine(new Comparison())
                        .setErr(new PrintWriter(err))
                        .execute())
                .isEqualTo(2);
        assertThat(err.toString()).contains("neither --etcd nor --tidemark is given");
    }
}
