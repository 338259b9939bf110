// SPDX-License-Identifier: Apache-2.0
package io.tidemark.launcher.dev;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What whoever starts a cluster in the background hears of it. */
@Timeout(60)
class DetachedTest {

    @TempDir
    private Path directory = Path.of("replaced by JUnit");

    private static final int AT_MOST_SECONDS = 60;

    private final List<String> told = new ArrayList<>();

    /** In the place of a supervisor, one whose cluster gets ready. */
    static final class Starts {

        private Starts() {}

        @SuppressWarnings("SystemOut") // as a supervisor does
        public static void main(String[] arguments) throws Exception {
            System.err.println("tidemark: starting 1 node");
            System.err.println("tidemark: n1 is ready (1 of 1)");
            ClusterFile.in(Path.of(arguments[3].replace("--data-dir=", "")))
                    .write(new ClusterFile.Content(
                            true,
                            ClusterFile.Proc.of(ProcessIdentity.of(ProcessHandle.current())),
                            "",
                            false,
                            List.of()));
            System.out.println("1 servers ready.");
            // Whoever started it sees its cluster while it runs.
            TimeUnit.SECONDS.sleep(AT_MOST_SECONDS);
        }
    }

    /** And one whose cluster does not. */
    static final class Fails {

        private Fails() {}

        @SuppressWarnings("SystemOut") // as a supervisor does
        public static void main(String[] arguments) {
            System.err.println("tidemark: starting 1 node");
            System.err.println("tidemark: n1 ended with exit code 3 before it was ready");
            System.err.println("\tat somewhere");
            System.exit(2);
        }
    }

    @Test
    void shouldTellHowFarItIs() throws Exception {
        Detached.Start start = start(Starts.class);

        assertThat(start.cluster()).isPresent();
        ProcessHandle.of(start.cluster().get().supervisor().pid()).ifPresent(ProcessHandle::destroyForcibly);
        assertThat(told).containsExactly("starting 1 node", "n1 is ready (1 of 1)");
    }

    @Test
    void shouldTellAllThatWasSaidWhenItFails() throws Exception {
        Detached.Start start = start(Fails.class);

        assertThat(start.cluster()).isEmpty();
        assertThat(start.exitCode()).isEqualTo(2);
        assertThat(told).containsExactly("starting 1 node", "n1 ended with exit code 3 before it was ready");
        assertThat(start.rest()).containsExactly("\tat somewhere");
    }

    private Detached.Start start(Class<?> supervisor) throws Exception {
        return Detached.start(
                new DevOptions(1, 0, directory, false, false, false),
                new JavaCommand(supervisor.getName(), Runtime.version().feature(), List.of(), List.of()),
                told::add);
    }
}
