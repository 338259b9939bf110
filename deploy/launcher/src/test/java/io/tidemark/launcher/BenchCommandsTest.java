// SPDX-License-Identifier: Apache-2.0
package io.tidemark.launcher;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.launcher.cli.ExitCode;
import io.tidemark.launcher.cli.Streams;
import io.tidemark.launcher.cli.UsualNodes;
import java.time.Duration;
import java.util.Objects;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

/** {@code tidemark bench} is a command as the others are. */
class BenchCommandsTest {

    /** Nobody may listen there but the system. */
    private static final String NOBODY = "--endpoints=127.0.0.1:1";

    @ParameterizedTest
    @ValueSource(strings = {"put", "get", "mixed", "follower-delay"})
    void shouldFindADevelopmentCluster(String load) {
        CommandLine command = sub(sub(Tidemark.commandLine(Streams.system()), "bench"), load);

        assertThat(command.getDefaultValueProvider()).isInstanceOf(UsualNodes.class);
        assertThat(command.getCommandSpec().requiredArgs()).isEmpty();
    }

    private static CommandLine sub(CommandLine command, String name) {
        return Objects.requireNonNull(command.getSubcommands().get(name));
    }

    @ParameterizedTest
    @ValueSource(strings = {"put", "get", "mixed", "follower-delay", "put --driver=sdk"})
    void shouldSayAtOnceThatNobodyIsThere(String load) {
        long begin = System.nanoTime();

        Cli.Run run = new Cli("--warm-up=0s", "--duration=200ms", NOBODY).run(("bench " + load).split(" ", -1));

        assertThat(run.code()).as(run.all()).isEqualTo(ExitCode.UNAVAILABLE);
        assertThat(run.err()).contains("Connection refused", "127.0.0.1:1").startsWith("tidemark: ");
        assertThat(run.err().lines()).hasSizeLessThanOrEqualTo(2);
        assertThat(System.nanoTime() - begin).isLessThan(Duration.ofSeconds(10).toNanos());
    }
}
