// SPDX-License-Identifier: Apache-2.0
package io.tidemark.store.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Random;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.mapdb.SortedTableMap;

/** A table read in place, read by MapDB, and the rows that were written: all the same. */
class TableReadersTest {
    private final FaultDisk disk = new FaultDisk();
    private final NavigableMap<byte[], EncodedRow> written = new TreeMap<>(Arrays::compareUnsigned);

    @RepeatedTest(12)
    void shouldAgree(RepetitionInfo repetition) throws Exception {
        int seed = repetition.getCurrentRepetition();
        Random random = new Random(seed);
        Table table = writeTable(random, seed);
        MappedVolume volume = volumeOf(table);
        SortedTableMap<byte[], byte[]> map = Table.asMap(volume);

        assertThat(rowsOf(table.checkedRows())).isEqualTo(described(written.values()));
        table.scrub();
        List<byte[]> keys = List.copyOf(written.keySet());
        for (int i = 0; i < 300; i++) {
            byte[] from = bound(keys, random);
            byte[] to = bound(keys, random);
            compareCeiling(map, table, from);
            compareRange(table, from, to);
            compareRange(table, null, to);
            compareRange(table, from, null);
        }
        for (EncodedRow row : written.values()) {
            assertThat(describe(table.newest(row.key()))).isEqualTo(describe(row));
            Map.Entry<byte[], EncodedRow> older = written.ceilingEntry(Encoding.rowKeyAt(row.key(), row.index() - 1));
            boolean sameKey = older != null && older.getValue().sameKey(row);
            assertThat(describe(table.newest(Encoding.rowKeyAt(row.key(), row.index() - 1))))
                    .isEqualTo(sameKey ? describe(older.getValue()) : "none");
        }
        table.release();
    }

    /** Keys with long common parts, zeros, one the prefix of the other; values from nothing to several chunks. */
    private Table writeTable(Random random, int seed) throws Exception {
        int rows = 1 + random.nextInt(seed % 3 == 0 ? 20 : 20_000);
        byte[] stem = new byte[random.nextInt(40)];
        random.nextBytes(stem);
        while (written.size() < rows) {
            byte[] key = Arrays.copyOf(stem, stem.length + random.nextInt(24));
            for (int at = stem.length; at < key.length; at++) {
                key[at] = (byte) (random.nextInt(4) * 85);
            }
            int versions = 1 + (random.nextInt(8) == 0 ? random.nextInt(40) : 0);
            for (int i = 0; i < versions; i++) {
                add(random, key);
            }
        }
        TableWriter writer = new TableWriter(disk, 7, 1, rows * 40L, 40, DeathHistogram.between(1, 1_000_000));
        for (EncodedRow row : written.values()) {
            writer.add(row, Retention.VERSIONED);
        }
        return Table.open(disk, writer.finish());
    }

    private void add(Random random, byte[] key) {
        byte[] rowKey = Encoding.rowKey(1 + random.nextInt(2), key, 1 + random.nextInt(1_000_000));
        byte[] value = new byte[random.nextInt(2000) == 0 ? random.nextInt(30_000) : random.nextInt(60)];
        random.nextBytes(value);
        boolean tombstone = random.nextInt(10) == 0;
        written.put(rowKey, new EncodedRow(rowKey, tombstone, tombstone ? EncodedRow.NO_BYTES : value));
    }

    private MappedVolume volumeOf(Table table) throws Exception {
        return new MappedVolume(
                disk.map(table.name().tableFile()).buffer(),
                table.footer(),
                table.name().tableFile(),
                false);
    }

    /** A row's key, or one beside it, or a space's border. */
    private static byte[] bound(List<byte[]> keys, Random random) {
        if (random.nextInt(20) == 0) {
            return new byte[] {(byte) random.nextInt(4)};
        }
        byte[] key = keys.get(random.nextInt(keys.size())).clone();
        key[random.nextInt(key.length)] ^= (byte) (random.nextBoolean() ? 0 : random.nextInt(256));
        return Arrays.copyOf(key, random.nextBoolean() ? key.length : 1 + random.nextInt(key.length));
    }

    private void compareCeiling(SortedTableMap<byte[], byte[]> map, Table table, byte[] key) {
        Map.Entry<byte[], byte[]> expected = map.ceilingEntry(key);
        EncodedRow found = table.rows(key, null, Direction.ASCENDING).next();
        assertThat(found == null ? null : Encoding.chunkKey(found.key(), 0))
                .isEqualTo(expected == null ? null : expected.getKey());
    }

    private void compareRange(Table table, byte @Nullable [] from, byte @Nullable [] to) {
        if (from != null && to != null && Arrays.compareUnsigned(from, to) >= 0) {
            return;
        }
        NavigableMap<byte[], EncodedRow> range = written;
        if (from != null) {
            range = range.tailMap(from, true);
        }
        if (to != null) {
            range = range.headMap(to, false);
        }
        assertSameStart(table.rows(from, to, Direction.ASCENDING), range);
        assertSameStart(table.rows(from, to, Direction.DESCENDING), range.descendingMap());
    }

    private static void assertSameStart(RowCursor rows, Map<byte[], EncodedRow> expected) {
        int compared = 0;
        for (EncodedRow row : expected.values()) {
            assertThat(describe(rows.next())).isEqualTo(describe(row));
            if (++compared == 40) {
                return;
            }
        }
        assertThat(rows.next()).isNull();
    }

    private static List<String> rowsOf(RowCursor rows) {
        List<EncodedRow> all = new ArrayList<>();
        for (EncodedRow row = rows.next(); row != null; row = rows.next()) {
            all.add(row);
        }
        return described(all);
    }

    private static List<String> described(Iterable<EncodedRow> rows) {
        List<String> all = new ArrayList<>();
        rows.forEach(row -> all.add(describe(row)));
        return all;
    }

    private static String describe(@Nullable EncodedRow row) {
        return row == null
                ? "none"
                : Arrays.hashCode(row.key()) + (row.tombstone() ? " gone " : " ") + row.value().length + " "
                        + Arrays.hashCode(row.value());
    }
}
