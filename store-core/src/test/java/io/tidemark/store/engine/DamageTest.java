// SPDX-License-Identifier: Apache-2.0
package io.tidemark.store.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Flips single bits all over every file: damage is named, or repaired from the twin, and never served. */
final class DamageTest {
    private static final int FLIPS_PER_FILE = 250;

    private final List<CommitRows> commits = new ArrayList<>();
    private final FaultDisk disk = new FaultDisk();

    DamageTest() {
        Histories histories = new Histories(23);
        try (MapDbEngine engine = MapDbEngine.open(disk, Histories.smallOptions())) {
            for (int index = 1; index <= 120; index++) {
                CommitRows commit = histories.commit(index);
                commits.add(commit);
                engine.apply(commit);
                if (index == 60) {
                    engine.checkpoint().join();
                    engine.compact().join();
                }
            }
            engine.checkpoint().join();
            engine.awaitIdle();
        }
    }

    @Test
    void shouldNameOrRepairEveryFlippedBit() {
        Random random = new Random(99);
        InMemoryEngine reference = Histories.reference(commits, commits.size(), 0);
        int named = 0;
        int repaired = 0;
        for (String file : disk.list()) {
            int length = disk.content(file).length;
            int used = usedBytes(disk.content(file));
            for (int i = 0; i < FLIPS_PER_FILE; i++) {
                // The first bytes hold headers and directories, the rest of the used part nodes, the last padding.
                int at = i < 80 ? Math.min(i, length - 1) : i < 240 ? random.nextInt(used) : random.nextInt(length);
                FaultDisk damaged = disk.copy();
                damaged.content(file)[at] ^= (byte) (1 << random.nextInt(8));
                try {
                    read(damaged, reference, file);
                    repaired++;
                } catch (CorruptionException e) {
                    assertThat(e.file()).as("byte " + at).isEqualTo(file);
                    named++;
                } catch (Throwable e) {
                    throw new AssertionError(file + " byte " + at, e);
                }
            }
        }
        assertThat(named).isPositive();
        assertThat(repaired).isPositive();
    }

    /** What does not throw must be right; in a table, damage that reads cannot meet must still be found by scrub. */
    private static void read(FaultDisk damaged, InMemoryEngine reference, String file) {
        try (MapDbEngine engine = MapDbEngine.open(damaged, Histories.smallOptions())) {
            assertThat(engine.appliedIndex()).isEqualTo(reference.appliedIndex());
            try (View found = engine.view();
                    View expected = reference.view()) {
                Histories.assertSame(found, expected);
            }
            engine.scrub(ScrubProgress.IGNORED);
            assertThat(file).doesNotStartWith("t-");
        }
    }

    private static int usedBytes(byte[] bytes) {
        int used = bytes.length;
        while (used > 1 && bytes[used - 1] == 0) {
            used--;
        }
        return used;
    }

    /** An open engine needs neither manifests nor footers again; the next open will. */
    @Test
    void shouldFindDamageUnderAnOpenEngine() throws Exception {
        for (String file : disk.list()) {
            for (int change = 0; change < 2; change++) {
                FaultDisk damaged = disk.copy();
                try (MapDbEngine engine = MapDbEngine.open(damaged, Histories.smallOptions())) {
                    engine.awaitIdle();
                    engine.scrub(ScrubProgress.IGNORED);
                    if (file.endsWith(TableName.TABLE_SUFFIX) || !damaged.list().contains(file)) {
                        continue;
                    }
                    if (change == 0) {
                        damaged.content(file)[5] ^= 1;
                    } else {
                        damaged.delete(file);
                    }
                    assertThatThrownBy(() -> engine.scrub(ScrubProgress.IGNORED))
                            .isInstanceOfSatisfying(
                                    CorruptionException.class,
                                    e -> assertThat(e.file()).isEqualTo(file));
                }
            }
        }
    }

    /** Who reads is told of it, and goes elsewhere; whoever looks after the disk must learn of it too. */
    @Test
    void shouldRememberWhichTableWasFoundDamaged() throws Exception {
        List<String> remembered = new ArrayList<>();
        for (String file : disk.list()) {
            if (file.endsWith(TableName.TABLE_SUFFIX)) {
                FaultDisk damaged = disk.copy();
                damaged.content(file)[usedBytes(damaged.content(file)) - 1] ^= 1;
                try (MapDbEngine engine = MapDbEngine.open(damaged, Histories.smallOptions())) {
                    assertThatThrownBy(() -> engine.scrub(ScrubProgress.IGNORED))
                            .isInstanceOf(CorruptionException.class);
                    remembered.addAll(engine.stats().damagedFiles());
                } catch (CorruptionException atOpen) {
                    // In the first block of a page, which an open reads: such a server does not start.
                    assertThat(atOpen.file()).isEqualTo(file);
                    continue;
                }
                assertThat(remembered).endsWith(file);
            }
        }
        assertThat(remembered).isNotEmpty();
    }

    @Test
    void shouldNameAMissingFile() {
        for (String file : disk.list()) {
            if (file.startsWith("t-")) {
                FaultDisk damaged = disk.copy();
                try {
                    damaged.delete(file);
                    MapDbEngine.open(damaged, Histories.smallOptions()).close();
                    throw new AssertionError("opened without " + file);
                } catch (CorruptionException e) {
                    assertThat(e.file()).isEqualTo(file);
                } catch (java.io.IOException e) {
                    throw new AssertionError(e);
                }
            }
        }
    }
}
