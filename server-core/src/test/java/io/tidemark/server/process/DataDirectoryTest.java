// SPDX-License-Identifier: Apache-2.0
package io.tidemark.server.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DataDirectoryTest {

    @TempDir
    Path parent = Path.of("replaced by JUnit");

    @Test
    void shouldBelongToOneAtATime() throws IOException {
        Path path = parent.resolve("a/b");
        try (DataDirectory first = DataDirectory.open(path)) {
            assertThat(first.path()).isEqualTo(path);
            assertThatThrownBy(() -> DataDirectory.open(path))
                    .isInstanceOf(StartException.class)
                    .hasMessageContaining(
                            "in use by process " + ProcessHandle.current().pid());
        }

        DataDirectory.open(path).close();
    }

    @Test
    void shouldSayWhatIsInItsPlace() throws IOException {
        Path file = Files.writeString(parent.resolve("file"), "x");

        assertThatThrownBy(() -> DataDirectory.open(file))
                .isInstanceOf(StartException.class)
                .hasMessageContaining("data directory " + file + " cannot be used");
    }

    /** A directory in the way of its draft stands for a full disk. */
    @Test
    void shouldBeTakenWithoutRoomForWhoHasIt() throws IOException {
        Path path = parent.resolve("full");
        DataDirectory.open(path).close();
        Files.createDirectory(path.resolve("pid.draft"));

        try (DataDirectory directory = DataDirectory.open(path)) {
            assertThat(directory.path().resolve("pid")).doesNotExist();
        }
    }

    @Test
    void shouldReplaceAFileAsAWhole() throws IOException {
        try (DataDirectory directory = DataDirectory.open(parent.resolve("d"))) {
            directory.writeFile("ports", "client=1\n");
            directory.writeFile("ports", "client=2\n");

            assertThat(Files.readString(directory.path().resolve("ports"))).isEqualTo("client=2\n");
            try (var files = Files.list(directory.path())) {
                assertThat(files.map(file -> file.getFileName().toString()))
                        .containsExactlyInAnyOrder("lock", "pid", "ports");
            }

            directory.deleteFile("ports");
            assertThat(directory.path().resolve("ports")).doesNotExist();
        }
    }
}
