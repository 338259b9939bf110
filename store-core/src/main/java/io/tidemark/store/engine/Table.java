// SPDX-License-Identifier: Apache-2.0
package io.tidemark.store.engine;

import java.io.IOException;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.mapdb.SortedTableMap;

/**
 * A durable table, mapped. Its mapping ends with the last version that holds it, so nobody may read it without holding
 * such a version.
 */
final class Table implements RowSource {
    private final TableName name;
    private final TableFooter footer;
    private final Storage.Mapping mapping;
    private final SortedTableMap<byte[], byte[]> map;
    private final AtomicInteger holders = new AtomicInteger(1);

    private Table(TableName name, TableFooter footer, Storage.Mapping mapping, SortedTableMap<byte[], byte[]> map) {
        this.name = name;
        this.footer = footer;
        this.mapping = mapping;
        this.map = map;
    }

    static Table open(Storage storage, TableName name) throws IOException {
        byte[] bytes;
        try {
            bytes = storage.read(name.footerFile());
        } catch (java.nio.file.NoSuchFileException e) {
            throw new CorruptionException(name.footerFile(), -1, "missing", e);
        }
        TableFooter footer = TableFooter.decode(name.footerFile(), bytes);
        if (Checked.storedCrc(bytes) != name.footerCrc()) {
            throw new CorruptionException(name.footerFile(), -1, "not the file that the manifest names");
        }
        long size;
        try {
            size = storage.size(name.tableFile());
        } catch (java.nio.file.NoSuchFileException e) {
            throw new CorruptionException(name.tableFile(), -1, "missing", e);
        }
        if (size != name.tableBytes() || size != footer.tableBytes()) {
            throw new CorruptionException(
                    name.tableFile(), size, "length: " + size + " (expected: " + name.tableBytes() + ")");
        }
        Storage.Mapping mapping = storage.map(name.tableFile());
        try {
            return new Table(name, footer, mapping, openMap(name, footer, mapping, false));
        } catch (Throwable e) {
            mapping.unmap();
            throw e;
        }
    }

    private static SortedTableMap<byte[], byte[]> openMap(
            TableName name, TableFooter footer, Storage.Mapping mapping, boolean always) {
        return guarded(
                name,
                () -> SortedTableMap.open(
                        new MappedVolume(mapping.buffer(), footer, name.tableFile(), always),
                        NodeSerializer.forKeys(),
                        NodeSerializer.forValues()));
    }

    /** The border to MapDB, which reports its own inconsistencies as errors. */
    private static <T extends @Nullable Object> T guarded(TableName name, Supplier<T> read) {
        try {
            return read.get();
        } catch (EngineException | OutOfMemoryError | StackOverflowError e) {
            throw e;
        } catch (Throwable e) {
            throw new CorruptionException(name.tableFile(), -1, "unreadable: " + e, e);
        }
    }

    TableName name() {
        return name;
    }

    TableFooter footer() {
        return footer;
    }

    void hold() {
        if (holders.getAndIncrement() <= 0) {
            throw new IllegalStateException(name.tableFile() + " is unmapped");
        }
    }

    void release() {
        if (holders.decrementAndGet() == 0) {
            mapping.unmap();
        }
    }

    boolean overlaps(byte[] minKey, byte[] maxKey) {
        return Arrays.compareUnsigned(footer.minKey(), maxKey) <= 0
                && Arrays.compareUnsigned(minKey, footer.maxKey()) <= 0;
    }

    /** Whether a version of the row could lie here, by range alone. */
    boolean spans(byte[] prefix) {
        return overlaps(Memtable.seekKey(prefix, Long.MAX_VALUE), Memtable.seekKey(prefix, 0));
    }

    @Override
    public @Nullable EncodedRow newest(byte[] prefix, long index) {
        if (footer.minIndex() > index
                || !spans(prefix)
                || !footer.bloom().mayContain(BloomFilter.hash(prefix, prefix.length))) {
            return null;
        }
        byte[] seek = Memtable.seekKey(prefix, index);
        Map.Entry<byte[], byte[]> entry = guarded(name, () -> map.ceilingEntry(seek));
        if (entry == null || !Encoding.hasPrefix(entry.getKey(), prefix)) {
            return null;
        }
        if (entry.getValue()[0] == TableWriter.FIRST_CHUNK) {
            return rows(seek, null, Direction.ASCENDING).next();
        }
        return new ChunkCursor(List.of(entry).iterator(), Direction.ASCENDING, name.tableFile()).next();
    }

    @Override
    public RowCursor rows(byte @Nullable [] from, byte @Nullable [] to, Direction direction) {
        return cursor(map, from, to, direction);
    }

    /** All rows, each node checked again: what goes into a new file must not carry damage under a new checksum. */
    RowCursor checkedRows() {
        return cursor(openMap(name, footer, mapping, true), null, null, Direction.ASCENDING);
    }

    private RowCursor cursor(
            SortedTableMap<byte[], byte[]> source, byte @Nullable [] from, byte @Nullable [] to, Direction direction) {
        Iterator<? extends Map.Entry<byte[], byte[]>> chunks =
                guarded(name, () -> iterator(source, from, to, direction));
        ChunkCursor rows = new ChunkCursor(chunks, direction, name.tableFile());
        return () -> guarded(name, rows::next);
    }

    @SuppressWarnings("NullAway") // MapDB takes null as an open bound
    private static Iterator<? extends Map.Entry<byte[], byte[]>> iterator(
            SortedTableMap<byte[], byte[]> map, byte @Nullable [] from, byte @Nullable [] to, Direction direction) {
        return direction == Direction.ASCENDING
                ? map.entryIterator(from, true, to, false)
                : new FallingIterator(map.descendingEntryIterator(from, true, to, false));
    }

    /** Reads the file again from its first byte to its last. */
    void scrub() {
        MappedVolume whole = new MappedVolume(mapping.buffer(), footer, name.tableFile(), true);
        RowCursor rows = checkedRows();
        long count = 0;
        while (rows.next() != null) {
            count++;
        }
        if (count != footer.rows()) {
            throw new CorruptionException(
                    name.tableFile(), -1, "rows: " + count + " (expected: " + footer.rows() + ")");
        }
        if (whole.fileCrc() != footer.tableCrc()) {
            throw new CorruptionException(name.tableFile(), -1, "file checksum");
        }
    }
}
