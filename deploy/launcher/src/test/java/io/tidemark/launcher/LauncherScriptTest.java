// SPDX-License-Identifier: Apache-2.0
package io.tidemark.launcher;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What {@code deploy/tidemark} asks of Java, told by a Java that does no more than that. */
class LauncherScriptTest {

    private static final String EXIT_WITHOUT_MEMORY = "-XX:+ExitOnOutOfMemoryError";

    private static final String LARGE_PAGES = "-XX:+UseTransparentHugePages";

    @TempDir
    private Path directory = Path.of("replaced by JUnit");

    @BeforeEach
    void unpack() throws Exception {
        Files.createDirectories(directory.resolve("bin"));
        Files.copy(Path.of("..", "tidemark"), directory.resolve("bin").resolve("tidemark"));
        Files.createDirectories(directory.resolve("lib"));
        Files.createFile(directory.resolve("lib").resolve("tidemark-launcher-1.jar"));
        Path java =
                Files.createDirectories(directory.resolve("jdk").resolve("bin")).resolve("java");
        Files.writeString(java, "#!/bin/sh\nprintf '%s\\n' \"$@\"\n");
        Files.setPosixFilePermissions(java, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    /** Java ends with 3 then, which scripts take for "no such row" of any other command. */
    @ParameterizedTest
    @ValueSource(
            strings = {"node --id=n1", "replica --id=r1", "replica", "sidecar --rest.port=0", "dev", "dev --detach"})
    void shouldEndServersThatAreOutOfMemory(String command) throws Exception {
        assertThat(options(command)).contains(EXIT_WITHOUT_MEMORY);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "get users ann",
                "import rows.jsonl",
                "bench put",
                "verify",
                "backup --out=x",
                "replica list",
                "dev status",
                "dev stop",
                "version"
            })
    void shouldLeaveItToOtherCommandsHowTheyEnd(String command) throws Exception {
        assertThat(options(command)).doesNotContain(EXIT_WITHOUT_MEMORY).contains("io.tidemark.launcher.Tidemark");
    }

    @Test
    void shouldLetTheUsersOptionsCountMost() throws Exception {
        List<String> options = options("sidecar", "-Xmx1g -XX:-ExitOnOutOfMemoryError");

        assertThat(options).containsSubsequence("-Xmx512m", "-Xmx1g", "-XX:-ExitOnOutOfMemoryError", "-cp");
    }

    @Test
    void shouldFollowNoBuffersUnlessTheUserLooksForALeak() throws Exception {
        String level = "-Dio.grpc.netty.shaded.io.netty.leakDetection.level=";

        List<String> options = options("replica", level + "paranoid");

        assertThat(options).containsSubsequence(level + "disabled", level + "paranoid");
        assertThat(options("sidecar")).contains(level + "disabled", "-Dio.netty.leakDetection.level=disabled");
    }

    @ParameterizedTest
    @ValueSource(strings = {"node --id=n1", "replica --id=r1", "replica"})
    void shouldAskForLargePagesWhereThereAreAny(String command) throws Exception {
        Files.writeString(largePages(), "always [madvise] never\n");

        assertThat(options(command)).contains(LARGE_PAGES);
    }

    /** Java would warn at each start. */
    @Test
    void shouldNotAskForLargePagesWhereThereAreNone() throws Exception {
        Files.writeString(largePages(), "always madvise [never]\n");

        assertThat(options("node --id=n1")).doesNotContain(LARGE_PAGES).contains("io.tidemark.launcher.Tidemark");
    }

    /** Java does not know the option there. */
    @Test
    void shouldNotAskForLargePagesWhereThereIsNoLinux() throws Exception {
        assertThat(largePages()).doesNotExist();

        assertThat(options("node --id=n1")).doesNotContain(LARGE_PAGES).contains("io.tidemark.launcher.Tidemark");
    }

    @ParameterizedTest
    @ValueSource(strings = {"get users ann", "replica list", "sidecar", "dev", "bench put"})
    void shouldNotAskForLargePagesWhereLittleMemoryIsWanted(String command) throws Exception {
        Files.writeString(largePages(), "[always] madvise never\n");

        assertThat(options(command)).doesNotContain(LARGE_PAGES);
    }

    /** In place of the file in which Linux says who is given large pages. */
    private Path largePages() {
        return directory.resolve("transparent_hugepage");
    }

    private List<String> options(String command) throws Exception {
        return options(command, "");
    }

    private List<String> options(String command, String usersOptions) throws Exception {
        List<String> all = new ArrayList<>(
                List.of("bash", directory.resolve("bin").resolve("tidemark").toString()));
        all.addAll(List.of(command.split(" ", -1)));
        ProcessBuilder builder = new ProcessBuilder(all).redirectErrorStream(true);
        builder.environment().put("JAVA_HOME", directory.resolve("jdk").toString());
        builder.environment().put("TIDEMARK_JAVA_OPTS", usersOptions);
        builder.environment().put("HUGEPAGES_FILE", largePages().toString());
        Process process = builder.start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(said).isZero();
        return said.lines().toList();
    }
}
