// SPDX-License-Identifier: Apache-2.0
package io.tidemark.store.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;

class RowSkipListTest {
    private final RowSkipList list = new RowSkipList();
    private final NavigableMap<byte[], EncodedRow> expected = new TreeMap<>(Arrays::compareUnsigned);

    @RepeatedTest(20)
    void shouldAgreeWithASortedMap(RepetitionInfo repetition) {
        Random random = new Random(repetition.getCurrentRepetition());
        int rows = random.nextInt(3_000);
        while (expected.size() < rows) {
            addSorted(random, 1 + random.nextInt(40));
        }

        assertThat(all(list.ascending(null))).isEqualTo(described(expected.values()));
        assertThat(descending()).isEqualTo(described(expected.descendingMap().values()));
        for (int i = 0; i < 2_000; i++) {
            byte[] key = bound(random);
            assertThat(describe(list.ascending(key).next())).isEqualTo(describe(expected.ceilingEntry(key)));
            assertThat(describe(list.lower(key))).isEqualTo(describe(expected.lowerEntry(key)));
            assertThat(describe(list.ascending(key).next())).isEqualTo(describe(expected.ceilingEntry(key)));
        }
        byte[] from = bound(random);
        assertThat(all(list.ascending(from)))
                .isEqualTo(described(expected.tailMap(from, true).values()));
    }

    @Test
    void shouldRefuseAKeyTwice() {
        list.add(row(new byte[] {1, 2}));
        list.add(row(new byte[] {1}));

        assertThatThrownBy(() -> list.add(row(new byte[] {1}))).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> list.add(row(new byte[] {1, 2}))).isInstanceOf(IllegalArgumentException.class);
        assertThat(all(list.ascending(null))).hasSize(2);
    }

    @Test
    void shouldShowReadersEveryRowAddedBeforeInOrder() throws Exception {
        int rows = 60_000;
        Progress progress = new Progress();
        ExecutorService readers = Executors.newFixedThreadPool(2);
        try {
            List<Future<Integer>> passes = new ArrayList<>();
            for (int i = 0; i < 2; i++) {
                boolean backwards = i == 1;
                passes.add(readers.submit(() -> readUntilAllAreThere(progress, rows, backwards)));
            }
            for (int number = 0; number < rows; number++) {
                list.add(row(scattered(number)));
                progress.added = number + 1;
            }
            for (Future<Integer> pass : passes) {
                assertThat(pass.get()).isPositive();
            }
        } finally {
            readers.shutdownNow();
        }
    }

    /** A row that comes between while a reader searches is not behind what it searches for. */
    @Test
    void shouldNotFindWhatLiesBefore() throws Exception {
        int rows = 200_000;
        byte[] sought = Encoding.rowKey(1, new byte[] {1}, 1);
        list.add(row(sought));
        ExecutorService reader = Executors.newSingleThreadExecutor();
        try {
            Progress progress = new Progress();
            Future<Integer> searches = reader.submit(() -> {
                int count = 0;
                do {
                    assertThat(keyOf(list.ascending(sought).next())).isEqualTo(sought);
                    assertThat(keyOf(list.ascending(sought).next())).isEqualTo(sought);
                    count++;
                } while (progress.added < rows);
                return count;
            });
            for (int index = 2; index <= rows; index++) {
                list.add(row(Encoding.rowKey(1, new byte[] {1}, index)));
            }
            progress.added = rows;
            assertThat(searches.get()).isPositive();
        } finally {
            reader.shutdownNow();
        }
    }

    private static final class Progress {
        private volatile int added;
    }

    private int readUntilAllAreThere(Progress progress, int rows, boolean backwards) {
        int passes = 0;
        int before;
        do {
            before = progress.added;
            boolean[] seen = new boolean[rows];
            byte[] last = null;
            RowCursor cursor = backwards ? backwards() : list.ascending(null);
            for (EncodedRow row = cursor.next(); row != null; row = cursor.next()) {
                if (last != null) {
                    int order = Arrays.compareUnsigned(last, row.key());
                    assertThat(backwards ? order > 0 : order < 0).isTrue();
                }
                last = row.key();
                seen[number(last)] = true;
            }
            for (int number = 0; number < before; number++) {
                assertThat(seen[number]).as("row %d of %d", number, before).isTrue();
            }
            if (before > 0) {
                assertThat(list.ascending(scattered(before - 1)).next()).isNotNull();
            }
            passes++;
        } while (before < rows);
        return passes;
    }

    private RowCursor backwards() {
        byte[][] to = {null};
        return () -> {
            EncodedRow row = list.lower(to[0]);
            to[0] = row == null ? new byte[0] : row.key();
            return row;
        };
    }

    /** Twenty-four bytes: eight that are often the same, the number scattered, the number. */
    private static byte[] scattered(int number) {
        byte[] key = new byte[24];
        key[7] = (byte) (number % 3);
        int mixed = number * 0x9E3779B1;
        for (int i = 0; i < 4; i++) {
            key[8 + i] = (byte) (mixed >>> (24 - 8 * i));
            key[20 + i] = (byte) (number >>> (24 - 8 * i));
        }
        return key;
    }

    private static int number(byte[] key) {
        int number = 0;
        for (int i = 0; i < 4; i++) {
            number = (number << 8) | (key[20 + i] & 0xFF);
        }
        return number;
    }

    /** As a commit does. */
    private void addSorted(Random random, int count) {
        NavigableMap<byte[], EncodedRow> commit = new TreeMap<>(Arrays::compareUnsigned);
        for (int i = 0; i < count; i++) {
            byte[] key = bound(random);
            if (!expected.containsKey(key)) {
                commit.put(key, random.nextInt(5) == 0 ? tombstone(key) : row(key, value(random)));
            }
        }
        commit.values().forEach(list::add);
        expected.putAll(commit);
    }

    /** Few bytes, from both ends of their range, so that heads are equal, keys prefixes of others, and neighbours near. */
    private static byte[] bound(Random random) {
        byte[] few = {0, 1, 127, -128, -1};
        byte[] key = new byte[random.nextInt(22)];
        boolean sameHead = random.nextBoolean();
        for (int at = 0; at < key.length; at++) {
            key[at] = sameHead && at < 8 ? 7 : few[random.nextInt(few.length)];
        }
        return key;
    }

    private static byte @Nullable [] keyOf(@Nullable EncodedRow row) {
        return row == null ? null : row.key();
    }

    /** Some so large that they are kept apart. */
    private static byte[] value(Random random) {
        byte[] value = new byte[random.nextInt(random.nextInt(50) == 0 ? 100_000 : 300)];
        random.nextBytes(value);
        return value;
    }

    private static EncodedRow row(byte[] key) {
        return row(key, EncodedRow.NO_BYTES);
    }

    private static EncodedRow row(byte[] key, byte[] value) {
        return new EncodedRow(key, false, value);
    }

    private static EncodedRow tombstone(byte[] key) {
        return new EncodedRow(key, true, EncodedRow.NO_BYTES);
    }

    private static @Nullable String describe(Map.@Nullable Entry<byte[], EncodedRow> entry) {
        return entry == null ? null : describe(entry.getValue());
    }

    private static @Nullable String describe(@Nullable EncodedRow row) {
        return row == null
                ? null
                : Arrays.toString(row.key()) + row.tombstone() + row.valueBytes() + " " + Arrays.hashCode(row.value());
    }

    private static List<@Nullable String> described(Collection<EncodedRow> rows) {
        List<@Nullable String> described = new ArrayList<>();
        rows.forEach(row -> described.add(describe(row)));
        return described;
    }

    private List<@Nullable String> descending() {
        List<EncodedRow> rows = new ArrayList<>();
        for (EncodedRow row = list.lower(null); row != null; row = list.lower(row.key())) {
            rows.add(row);
        }
        return described(rows);
    }

    private static List<@Nullable String> all(RowCursor cursor) {
        List<EncodedRow> rows = new ArrayList<>();
        for (EncodedRow row = cursor.next(); row != null; row = cursor.next()) {
            rows.add(row);
        }
        return described(rows);
    }
}
