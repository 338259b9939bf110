// SPDX-License-Identifier: Apache-2.0
package io.tidemark.store.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/** Random commits over awkward keys, and comparison of an engine with the reference. */
final class Histories {
    static final int ROWS = 3;
    static final int OTHER_ROWS = 255;
    static final int LOG = 4;
    static final int LATEST = 5;
    static final int[] SPACES = {ROWS, OTHER_ROWS, LOG, LATEST};
    static final Map<Integer, Retention> RETENTION = Map.of(
            ROWS, Retention.VERSIONED, OTHER_ROWS, Retention.VERSIONED, LOG, Retention.LOG, LATEST, Retention.LATEST);

    private final Random random;
    private final List<byte[]> keys = new ArrayList<>();

    Histories(long seed) {
        random = new Random(seed);
        keys.add(new byte[0]);
        keys.add(new byte[] {0});
        keys.add(new byte[] {0, 0});
        keys.add(new byte[] {0, (byte) 0xFF});
        keys.add(new byte[] {(byte) 0xFF});
        keys.add(new byte[] {(byte) 0xFF, (byte) 0xFF, 0});
        keys.add(filled(1024, 0));
        keys.add(filled(1024, 0xFF));
        keys.add(filled(CommitRows.KEY_BYTES_MAX, 0));
        for (int i = 0; i < 25; i++) {
            keys.add(("k" + "x".repeat(i % 5) + i / 5).getBytes(StandardCharsets.UTF_8));
        }
    }

    /** Small limits, so that a short history meets freezing, levels, cuts, and compactions of several steps. */
    static EngineOptions smallOptions() {
        return new EngineOptions(RETENTION, 60_000, 10_000, 3, 5, 6, 400_000, 3, 100_000);
    }

    static byte[] filled(int length, int value) {
        byte[] bytes = new byte[length];
        Arrays.fill(bytes, (byte) value);
        return bytes;
    }

    static byte[] position(long index) {
        return ("at " + index).getBytes(StandardCharsets.UTF_8);
    }

    byte[] key() {
        return keys.get(random.nextInt(keys.size()));
    }

    int space() {
        return SPACES[random.nextInt(SPACES.length)];
    }

    /** One of those that can be read at an older index. */
    int historicSpace() {
        return SPACES[random.nextInt(SPACES.length - 1)];
    }

    CommitRows commit(long index) {
        CommitRows commit = CommitRows.at(index, position(index));
        List<byte[]> chosen = new ArrayList<>();
        int rows = random.nextInt(6);
        for (int i = 0; i < rows; i++) {
            byte[] key = key();
            if (chosen.stream().anyMatch(other -> other == key)) {
                continue;
            }
            chosen.add(key);
            if (random.nextInt(4) == 0) {
                commit.delete(space(), key);
            } else {
                commit.put(space(), key, value());
            }
        }
        return commit;
    }

    byte[] value() {
        int kind = random.nextInt(20);
        int length =
                kind == 0 ? 0 : kind == 1 ? 8192 + random.nextInt(3) - 1 : kind == 2 ? 20_000 : random.nextInt(300);
        byte[] value = new byte[length];
        random.nextBytes(value);
        return value;
    }

    /** A reference that has seen the first commits and has the engine's horizon. */
    static InMemoryEngine reference(List<CommitRows> commits, long through, long horizon) {
        InMemoryEngine reference = new InMemoryEngine(smallOptions());
        for (CommitRows commit : commits) {
            if (commit.index() <= through) {
                reference.apply(commit);
            }
        }
        reference.setHorizon(horizon);
        return reference;
    }

    /** Two views at the newest index. */
    static void assertSame(View found, View expected) {
        assertSameHistory(found, expected);
        for (Direction direction : Direction.values()) {
            assertSame(found, expected, LATEST, new byte[0], null, direction);
        }
    }

    /** Two views at any index. */
    static void assertSameHistory(View found, View expected) {
        for (int space : new int[] {ROWS, OTHER_ROWS, LOG}) {
            for (Direction direction : Direction.values()) {
                assertSame(found, expected, space, new byte[0], null, direction);
            }
        }
    }

    static void assertSame(
            View found, View expected, int space, byte[] from, byte @Nullable [] to, Direction direction) {
        try (Cursor a = found.scan(space, from, to, direction);
                Cursor b = expected.scan(space, from, to, direction)) {
            RowVersion row;
            do {
                row = a.next();
                assertSame(row, b.next());
            } while (row != null);
        }
    }

    static void assertSame(@Nullable RowVersion found, @Nullable RowVersion expected) {
        if (expected == null || found == null) {
            assertThat(found).isSameAs(expected);
            return;
        }
        assertThat(found.key()).isEqualTo(expected.key());
        assertThat(found.index()).isEqualTo(expected.index());
        assertThat(Arrays.equals(found.value(), expected.value())).isTrue();
    }
}
