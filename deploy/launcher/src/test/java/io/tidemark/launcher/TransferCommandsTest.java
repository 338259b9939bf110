// SPDX-License-Identifier: Apache-2.0
package io.tidemark.launcher;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.launcher.cli.ExitCode;
import io.tidemark.testkit.TidemarkCluster;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Export and import, against a real cluster. */
@Timeout(120)
class TransferCommandsTest {

    @RegisterExtension
    static final TidemarkCluster cluster =
            TidemarkCluster.builder().nodes(1).replicas(1).build();

    @TempDir
    private Path directory = Path.of("replaced by JUnit");

    private static Cli.Run run(String... arguments) {
        return Cli.of(cluster.endpoints()).run(arguments);
    }

    private static Cli.Run done(String... arguments) {
        Cli.Run run = run(arguments);
        assertThat(run.code()).as(run.all()).isZero();
        return run;
    }

    @Test
    void shouldImportWhatItExported() throws Exception {
        done("put", "users", "ann", "{\"b\": 1,  \"a\": 12345678901234567890}");
        done("put", "photos", "ann", "@" + Files.write(directory.resolve("photo"), new byte[] {(byte) 0xff, 0}));
        done("put", "notes", "today", "first\nsecond", "--expire-at=2099-01-01T00:00:00Z");
        Path file = directory.resolve("rows.jsonl");

        Cli.Run exported = done("export", "users", "photos", "notes", "--out=" + file);
        cluster.clearTables();
        Cli.Run imported = done("import", file.toString());

        assertThat(exported.err()).contains("exported 3 rows as of index ");
        assertThat(Files.readAllLines(file)).hasSize(3);
        assertThat(imported.err()).contains("imported 3 rows");
        assertThat(done("get", "users", "ann").out()).isEqualTo("{\"b\": 1,  \"a\": 12345678901234567890}");
        assertThat(done("get", "photos", "ann", "-o", "json").out()).contains("\"bytes\": \"/wA=\"");
        assertThat(done("get", "notes", "today", "-o", "json").out())
                .contains("\"text\": \"first\\nsecond\"")
                .contains("2099-01-01T00:00:00Z");
        assertThat(run("export", "users", "--out=" + file).code()).isEqualTo(ExitCode.WRONG_USAGE);
    }

    @Test
    void shouldSayThatThereIsNoSuchFile() {
        Path missing = directory.resolve("nope");

        Cli.Run imported = run("import", missing.toString());

        assertThat(imported.code()).isEqualTo(ExitCode.WRONG_USAGE);
        assertThat(imported.err()).isEqualTo("tidemark: " + missing + ": no such file\n");
        for (String command : List.of("export", "backup")) {
            Cli.Run written = run(command, "--out=" + missing.resolve("rows"));
            assertThat(written.code()).as(written.all()).isEqualTo(ExitCode.WRONG_USAGE);
            assertThat(written.err()).isEqualTo("tidemark: " + missing.resolve("rows") + ": no such directory\n");
        }
    }

    @Test
    void shouldSayWithWhichLineToGoOn() throws Exception {
        Path file = directory.resolve("rows.jsonl");
        Files.write(
                file,
                List.of(
                        "{\"table\": \"users\", \"key\": \"1\", \"text\": \"one\"}",
                        "{\"table\": \"users\", \"key\": \"2\", \"json\": {\"n\": 2}}",
                        "{\"table\": \"users\", \"kye\": \"3\", \"text\": \"three\"}",
                        "{\"table\": \"users\", \"key\": \"4\", \"text\": \"four\"}"));

        Cli.Run first = run("import", file.toString());

        assertThat(first.code()).isEqualTo(ExitCode.WRONG_USAGE);
        assertThat(first.err())
                .contains("imported 2 rows; then it failed. Go on with --from-line=3")
                .contains("line 3: 'kye' is not known");
        assertThat(done("import", file.toString(), "--from-line=4").err()).contains("imported 1 row");
        assertThat(done("scan", "users", "--keys-only").out().lines()).hasSize(4);
    }

    @Test
    void shouldLetTheLastLineOfARowCountAndLeaveAloneWhatIsThere() {
        StringBuilder lines = new StringBuilder();
        for (int i = 0; i < 300; i++) {
            lines.append("{\"table\": \"t\", \"key\": \"k" + i % 10 + "\", \"text\": \"" + i + "\"}\n");
        }
        Cli cli = Cli.of(cluster.endpoints());

        assertThat(cli.runWith(lines.toString(), "import", "-").err()).contains("imported 300 rows");
        assertThat(done("get", "t", "k3").out()).isEqualTo("293");

        Cli.Run skipped = cli.runWith(
                "{\"key\": \"k3\", \"text\": \"x\"}\n{\"key\": \"new\", \"text\": \"x\"}\n",
                "import",
                "-",
                "--table=t",
                "--skip-existing");

        assertThat(skipped.err()).contains("imported 1 row, left 1 row alone");
        assertThat(done("get", "t", "k3").out()).isEqualTo("293");
    }

    /** A write of a person fails after five seconds; an import of hours must bear a restart. */
    @Test
    void shouldBearThatNobodyCanWriteForAWhile() {
        done("put", "t", "k", "0");
        cluster.stop("n1");
        CompletableFuture<Void> back = CompletableFuture.runAsync(
                () -> cluster.start("n1"), CompletableFuture.delayedExecutor(7, TimeUnit.SECONDS));

        Cli.Run imported = Cli.of(cluster.endpoints())
                .runWith("{\"table\": \"t\", \"key\": \"k\", \"text\": \"1\"}\n", "import", "-");
        back.join();

        assertThat(imported.err()).contains("imported 1 row");
        assertThat(done("get", "t", "k").out()).isEqualTo("1");
    }

    @Test
    void shouldBackUp() {
        done("put", "users", "ann", "Ann");
        Path file = directory.resolve("backup");

        assertThat(done("backup", "--out=" + file).out()).startsWith("backed up index ");

        assertThat(file).isNotEmptyFile();
        assertThat(run("backup", "--out=" + file).code()).isEqualTo(ExitCode.WRONG_USAGE);
    }
}
