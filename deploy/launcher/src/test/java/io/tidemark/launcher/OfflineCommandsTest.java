// SPDX-License-Identifier: Apache-2.0
package io.tidemark.launcher;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.tidemark.client.TidemarkClient;
import io.tidemark.launcher.cli.ExitCode;
import io.tidemark.node.consensus.OutvotedMark;
import io.tidemark.testkit.LocalCluster;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What can be done with the directories of servers that are stopped. */
@Timeout(120)
class OfflineCommandsTest {

    private static final int ROWS = 100;

    @TempDir
    private static Path directory = Path.of("replaced by JUnit");

    private static @Nullable LocalCluster running;

    @BeforeAll
    static void fillAndStop() {
        LocalCluster cluster =
                LocalCluster.builder().temporaryFilesIn(directory).start();
        running = cluster;
        TidemarkClient client = cluster.client();
        for (int i = 0; i < ROWS; i++) {
            client.table("numbers").put("k" + i, "value " + i);
        }
        client.table("users").put("ann", "Ann");
        cluster.awaitApplied();
        cluster.stop("r1", "n1");
    }

    @AfterAll
    static void close() {
        if (running != null) {
            running.close();
        }
    }

    private static Path dataOf(String id) {
        try (Stream<Path> found = Files.walk(directory)) {
            return found.filter(path -> path.endsWith(id) && Files.isDirectory(path.resolve("store")))
                    .findFirst()
                    .orElseThrow();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Cli.Run run(String... arguments) {
        return new Cli().run(arguments);
    }

    private static JsonObject json(Cli.Run run) {
        assertThat(run.code()).as(run.all()).isZero();
        return JsonParser.parseString(run.out()).getAsJsonObject();
    }

    @Test
    void shouldSayWhatADirectoryHolds() throws Exception {
        List<Path> before = files(dataOf("n1").resolve("store"));

        JsonObject node = json(run("inspect", dataOf("n1").toString(), "--rows", "--output=json"));
        JsonObject replica = json(run("inspect", dataOf("r1").toString(), "--output=json"));
        Cli.Run text = run("inspect", dataOf("n1").toString());

        assertThat(node.get("row_count").getAsLong()).isEqualTo(ROWS + 1);
        assertThat(node.getAsJsonArray("tables")
                        .get(0)
                        .getAsJsonObject()
                        .get("row_count")
                        .getAsLong())
                .isEqualTo(ROWS);
        assertThat(node.getAsJsonArray("identity").toString()).contains("node n1");
        assertThat(replica.get("history_id")).isEqualTo(node.get("history_id"));
        assertThat(replica.get("checkpoint_index")).isEqualTo(node.get("checkpoint_index"));
        assertThat(replica.get("shards_held").getAsInt()).isEqualTo(1024);
        assertThat(text.out()).contains("checkpoint index").contains("numbers");
        assertThat(files(dataOf("n1").resolve("store"))).isEqualTo(before);
    }

    @Test
    void shouldSayThatANodeWasOutvoted() throws Exception {
        Path copy = Files.createDirectories(directory.resolve("outvoted-node"));
        copyTree(dataOf("n1"), copy);
        assertThat(json(run("inspect", copy.toString(), "--output=json")).has("outvoted"))
                .isFalse();
        OutvotedMark.in(copy).write("its rows are wrong");

        assertThat(json(run("inspect", copy.toString(), "--output=json"))
                        .get("outvoted")
                        .getAsString())
                .isEqualTo("its rows are wrong");
        assertThat(run("inspect", copy.toString()).out()).contains("its rows are wrong");
        Cli.Run checked = run("verify", "--offline=" + copy);
        assertThat(checked.code()).as(checked.all()).isEqualTo(ExitCode.UNSOUND);
        assertThat(checked.out()).contains("OUTVOTED: its rows are wrong", "NOT SOUND");
        assertThat(run("export", "--offline=" + copy).err()).contains("was OUTVOTED: its rows are wrong");
    }

    private static List<Path> files(Path store) throws IOException {
        try (Stream<Path> files = Files.list(store)) {
            return files.sorted().toList();
        }
    }

    @Test
    void shouldExportWithoutACluster() {
        Cli.Run all = run("export", "--offline=" + dataOf("r1"));
        Cli.Run users = run("export", "users", "--offline=" + dataOf("n1"));

        assertThat(all.out().lines()).hasSize(ROWS + 1);
        assertThat(users.out()).contains("\"key\":\"ann\"").contains("\"text\":\"Ann\"");
        assertThat(users.err()).contains("exported 1 row as of index ");
        assertThat(run("export", "nothing", "--offline=" + dataOf("n1")).code()).isEqualTo(ExitCode.WRONG_USAGE);
        assertThat(run("inspect", directory.toString()).err()).contains("holds no store");
    }

    @Test
    void shouldFindDamage() throws Exception {
        Path copy = Files.createDirectories(directory.resolve("damaged"));
        copyTree(dataOf("n1"), copy);
        Cli.Run sound = run("verify", "--offline=" + copy);
        damage(largest(copy.resolve("store")));

        Cli.Run damaged = run("verify", "--offline=" + copy);

        assertThat(sound.code()).as(sound.all()).isZero();
        assertThat(sound.out()).contains((ROWS + 1) + " rows, sound");
        assertThat(damaged.code()).as(damaged.all()).isEqualTo(ExitCode.UNSOUND);
        assertThat(damaged.out()).contains("DAMAGED").contains("NOT SOUND");
    }

    private static void copyTree(Path from, Path to) throws IOException {
        try (Stream<Path> found = Files.walk(from)) {
            for (Path path : found.sorted().toList()) {
                Path target = to.resolve(from.relativize(path).toString());
                if (Files.isDirectory(path)) {
                    Files.createDirectories(target);
                } else {
                    Files.copy(path, target);
                }
            }
        }
    }

    private static Path largest(Path store) throws IOException {
        try (Stream<Path> files = Files.list(store)) {
            return files.max(Comparator.comparingLong(file -> file.toFile().length()))
                    .orElseThrow();
        }
    }

    private static void damage(Path file) throws IOException {
        try (RandomAccessFile opened = new RandomAccessFile(file.toFile(), "rw")) {
            opened.seek(opened.length() / 2);
            int there = opened.read();
            opened.seek(opened.length() / 2);
            opened.write(there ^ 0x55);
        }
    }
}
