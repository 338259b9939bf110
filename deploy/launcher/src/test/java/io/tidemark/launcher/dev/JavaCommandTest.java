// SPDX-License-Identifier: Apache-2.0
package io.tidemark.launcher.dev;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class JavaCommandTest {

    private static final List<String> OURS = List.of("-Xmx256m", "-XX:+UseSerialGC");

    @Test
    void shouldLetTheUsersOptionsCountMost() {
        List<String> command = new JavaCommand("Main", 17, List.of(), List.of("-Xmx1g", "-Dx=y"))
                .with(OURS, List.of("node", "--id=n1"));

        assertThat(command.indexOf("-Xmx1g")).isGreaterThan(command.indexOf("-Xmx256m"));
        assertThat(command).contains("-XX:+UseSerialGC", "-Dx=y").endsWith("Main", "node", "--id=n1");
    }

    @Test
    void shouldShareClassesAsTheJavaThatRunsItDoes() {
        List<String> sharing = List.of("-XX:SharedArchiveFile=classes.jsa", "-Xlog:cds*=off");

        List<String> command = new JavaCommand("Main", 17, sharing, List.of("-Dx=y")).with(OURS, List.of());

        assertThat(command).containsSubsequence("-XX:SharedArchiveFile=classes.jsa", "-Xlog:cds*=off", "-cp", "Main");
    }

    @Test
    void shouldGiveWayToAnotherCollector() {
        assertThat(new JavaCommand("Main", 17, List.of(), List.of("-XX:+UseZGC")).with(OURS, List.of()))
                .contains("-XX:+UseZGC", "-Xmx256m")
                .doesNotContain("-XX:+UseSerialGC");
    }

    @Test
    void shouldAllowWhatNewerJavasWarnOf() {
        String unsafe = "--sun-misc-unsafe-memory-access=allow";

        assertThat(new JavaCommand("Main", 17, List.of(), List.of()).with(OURS, List.of()))
                .doesNotContain(unsafe);
        assertThat(new JavaCommand("Main", 25, List.of(), List.of()).with(OURS, List.of()))
                .contains(unsafe);
    }
}
