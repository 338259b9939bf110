// SPDX-License-Identifier: Apache-2.0
package io.tidemark.store.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The durable engine over a real directory, with real mappings. */
final class MapDbEngineOnDiskTest extends EngineContract {
    @TempDir
    Path root = Path.of("unset");

    private Path directory = Path.of("unset");
    private int count;

    @Override
    Engine create() {
        directory = root.resolve("engine-" + count++);
        return MapDbEngine.open(directory, Histories.smallOptions());
    }

    @Override
    Engine reopen(Engine engine) {
        engine.close();
        return MapDbEngine.open(directory, Histories.smallOptions());
    }

    @Override
    int histories() {
        return Math.max(5, super.histories() / 20);
    }

    @Test
    void shouldRefuseASecondEngineInThisProcess() {
        try (Engine first = create()) {
            assertThat(first.appliedIndex()).isZero();
            assertThatThrownBy(() -> MapDbEngine.open(directory, Histories.smallOptions()))
                    .isInstanceOf(DirectoryInUseException.class)
                    .hasMessageContaining(directory.toString());
        }
        try (Engine again = MapDbEngine.open(directory, Histories.smallOptions())) {
            assertThat(again.appliedIndex()).isZero();
        }
    }

    @Test
    void shouldRefuseASecondProcess() throws Exception {
        try (Engine first = create()) {
            assertThat(first.appliedIndex()).isZero();
            Path said = root.resolve("second");
            Process second = new ProcessBuilder(
                            Path.of(System.getProperty("java.home"), "bin", "java")
                                    .toString(),
                            "-cp",
                            System.getProperty("java.class.path"),
                            SecondProcess.class.getName(),
                            directory.toString())
                    .redirectErrorStream(true)
                    .redirectOutput(said.toFile())
                    .start();
            assertThat(second.waitFor(30, TimeUnit.SECONDS)).isTrue();
            assertThat(Files.readString(said)).contains("refused");
        }
    }

    /** Tries to open a directory that its parent process has open. */
    static final class SecondProcess {
        private SecondProcess() {}

        @SuppressWarnings("SystemOut") // its only way to answer
        public static void main(String[] arguments) {
            try (Engine engine = MapDbEngine.open(Path.of(arguments[0]), Histories.smallOptions())) {
                System.out.println("opened at " + engine.appliedIndex());
            } catch (DirectoryInUseException e) {
                System.out.println("refused");
            }
        }
    }
}
