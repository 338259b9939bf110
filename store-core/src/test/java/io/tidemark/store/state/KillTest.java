// SPDX-License-Identifier: Apache-2.0
package io.tidemark.store.state;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.store.engine.DurableFiles;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Real processes, killed at random moments while they write, checkpoint and compact. What they were told is durable must be
 * there, and the whole state must be that of the model at the entry that the store says it has come to. Files that were being
 * written are cut and garbled on top, as if the machine had lost its power.
 */
class KillTest {

    private static final int KILLS_PER_STORE = 5;
    private static final int LINES_MAX = 60;
    private static final String LOCK = "LOCK";

    private final Random random = new Random(Long.getLong("tidemark.seed", 1));

    private int damagedFiles;

    @TempDir
    Path scratch;

    @Test
    void shouldRecoverFromKills() throws Exception {
        int kills = Integer.getInteger("tidemark.kills", 20);
        for (int done = 0; done < kills; done += KILLS_PER_STORE) {
            long seed = random.nextLong();
            Path directory = scratch.resolve("store-" + done);
            History history = new History(seed);
            for (int i = 0; i < Math.min(KILLS_PER_STORE, kills - done); i++) {
                killAndRecover(directory, seed, history);
            }
        }
        assertThat(damagedFiles).as("files cut and garbled").isGreaterThan(kills / 4);
    }

    private void killAndRecover(Path directory, long seed, History history) throws Exception {
        int durable = writeUntilKilled(directory, seed);
        damageUnfinished(directory);
        try (Store store = KilledWriter.open(directory)) {
            int applied = KilledWriter.applied(store);
            assertThat(applied).as("entries applied").isGreaterThanOrEqualTo(durable);
            while (history.entryCount() < applied) {
                history.grow();
            }
            assertThat(store.counters()).isEqualTo(history.counters(applied));
            assertThat(store.check(rows -> {}).differences()).isEmpty();
            for (long index = store.horizon(); index <= store.appliedIndex(); index++) {
                StateAssertions.assertReads(store, history, index, random);
            }
            StateAssertions.assertFeed(store, history, store.horizon(), StateAssertions.ALL, random);
            StateAssertions.assertDue(store, history);
        }
    }

    /** Returns how many entries the process was told are durable. */
    private int writeUntilKilled(Path directory, long seed) throws Exception {
        Path errors = Files.createTempFile(scratch, "writer", ".err");
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("java.class.path"),
                        KilledWriter.class.getName(),
                        directory.toString(),
                        Long.toString(seed))
                .redirectError(errors.toFile())
                .start();
        try (BufferedReader lines = process.inputReader(StandardCharsets.UTF_8)) {
            int durable = 0;
            int wanted = 1 + random.nextInt(LINES_MAX);
            String line = lines.readLine();
            for (int read = 1; line != null; read++) {
                if (line.startsWith(KilledWriter.DURABLE)) {
                    durable = Integer.parseInt(line.substring(KilledWriter.DURABLE.length()));
                } else {
                    assertThat(line).startsWith(KilledWriter.APPLIED);
                }
                if (read == wanted) {
                    LockSupport.parkNanos(random.nextInt(4_000_000));
                    // By its handle: the process itself would close what it still has to say.
                    process.toHandle().destroyForcibly();
                }
                line = lines.readLine();
            }
            assertThat(Files.readString(errors)).isEmpty();
            return durable;
        } finally {
            process.destroyForcibly().waitFor();
        }
    }

    /** What the durable state does not name was being written: nothing was promised of it. */
    private void damageUnfinished(Path directory) throws IOException {
        Path copy = Files.createTempDirectory(scratch, "copy");
        for (Path file : files(directory)) {
            Files.copy(file, copy.resolve(file.getFileName()));
        }
        Set<String> durable = DurableFiles.of(copy);
        for (Path file : files(directory)) {
            if (!durable.contains(file.getFileName().toString()) && !file.endsWith(LOCK)) {
                damage(file);
                damagedFiles++;
            }
        }
    }

    private void damage(Path file) throws IOException {
        byte[] bytes = Files.readAllBytes(file);
        byte[] cut = Arrays.copyOf(bytes, random.nextInt(bytes.length + 1));
        for (int i = random.nextInt(4); i > 0 && cut.length > 0; i--) {
            cut[random.nextInt(cut.length)] ^= (byte) (1 << random.nextInt(8));
        }
        Files.write(file, cut);
    }

    private static List<Path> files(Path directory) {
        try (Stream<Path> files = Files.list(directory)) {
            return files.filter(Files::isRegularFile).toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
