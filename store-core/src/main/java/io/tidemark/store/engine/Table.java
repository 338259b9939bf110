// SPDX-License-Identifier: Apache-2.0
package io.tidemark.store.engine;

import java.io.IOException;
import java.util.Arrays;
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
    private final MappedVolume volume;
    private final PageIndex index;
    private final AtomicInteger holders = new AtomicInteger(1);
    private volatile boolean damaged;

    private Table(TableName name, TableFooter footer, Storage.Mapping mapping) {
        this.name = name;
        this.footer = footer;
        this.mapping = mapping;
        this.volume = new MappedVolume(mapping.buffer(), footer, name.tableFile(), false);
        this.index = guarded(name, () -> PageIndex.of(volume, footer));
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
            return new Table(name, footer, mapping);
        } catch (Throwable e) {
            mapping.unmap();
            throw e;
        }
    }

    /** What goes wrong while bytes are read is damage; MapDB reports its own inconsistencies as errors. */
    private static <T extends @Nullable Object> T guarded(TableName name, Supplier<T> read) {
        try {
            return read.get();
        } catch (EngineException | OutOfMemoryError | StackOverflowError e) {
            throw e;
        } catch (Throwable e) {
            throw new CorruptionException(name.tableFile(), -1, "unreadable: " + e, e);
        }
    }

    private <T extends @Nullable Object> T read(Supplier<T> what) {
        try {
            return guarded(name, what);
        } catch (CorruptionException e) {
            damaged = true;
            throw e;
        }
    }

    TableName name() {
        return name;
    }

    /** Whether a read met damage in it. */
    boolean isDamaged() {
        return damaged;
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

    /** 0: versions of the row could lie here, by range alone. Negative or positive: all rows here come before or behind it. */
    int compareRange(byte[] rowKey) {
        if (Encoding.compareRows(footer.minKey(), rowKey) > 0) {
            return 1;
        }
        return Encoding.compareRows(footer.maxKey(), rowKey) < 0 ? -1 : 0;
    }

    @Override
    public @Nullable EncodedRow newest(byte[] seek) {
        return newest(seek, BloomFilter.hashOfRow(seek));
    }

    /** @param hash {@link BloomFilter#hashOfRow} of the key, which is the same for all tables */
    @Nullable EncodedRow newest(byte[] seek, long hash) {
        int length = seek.length - Encoding.INDEX_BYTES;
        if (footer.minIndex() > Encoding.index(seek)
                || compareRange(seek) != 0
                || !footer.bloom().mayContain(hash)) {
            return null;
        }
        return read(() -> {
            TablePlace place = new TablePlace(volume);
            boolean found = place.seek(seek, index) && place.isOfRow(seek, length);
            return found ? TableCursor.from(place, null, name.tableFile()).next() : null;
        });
    }

    @Override
    public RowCursor rows(byte @Nullable [] from, byte @Nullable [] to, Direction direction) {
        byte[] lower = from != null && Arrays.compareUnsigned(from, footer.minKey()) > 0 ? from : null;
        byte[] upper = to != null && Arrays.compareUnsigned(to, footer.maxKey()) <= 0 ? to : null;
        return read(() -> cursor(volume, lower, upper, direction));
    }

    /** All rows, each node checked again: what goes into a new file must not carry damage under a new checksum. */
    RowCursor checkedRows() {
        return read(() -> cursor(checkingVolume(), null, null, Direction.ASCENDING));
    }

    private MappedVolume checkingVolume() {
        return new MappedVolume(mapping.buffer(), footer, name.tableFile(), true);
    }

    private RowCursor cursor(MappedVolume source, byte @Nullable [] from, byte @Nullable [] to, Direction direction) {
        RowCursor rows = TableCursor.of(new TablePlace(source), index, from, to, direction, name.tableFile());
        return () -> read(rows::next);
    }

    /** Reads the file again from its first byte to its last, and that MapDB's reader finds in it what ours does. */
    void scrub() {
        read(() -> scrubbed());
    }

    private boolean scrubbed() {
        RowCursor rows = checkedRows();
        long count = 0;
        while (rows.next() != null) {
            count++;
        }
        if (count != footer.rows()) {
            throw new CorruptionException(
                    name.tableFile(), -1, "rows: " + count + " (expected: " + footer.rows() + ")");
        }
        compareReaders();
        if (checkingVolume().fileCrc() != footer.tableCrc()) {
            throw new CorruptionException(name.tableFile(), -1, "file checksum");
        }
        return true;
    }

    private void compareReaders() {
        TablePlace place = new TablePlace(volume);
        place.moveToFirst();
        boolean more = true;
        for (Map.Entry<byte[], byte[]> entry : asMap(volume).entrySet()) {
            if (!more
                    || !Arrays.equals(entry.getKey(), place.key())
                    || !Arrays.equals(entry.getValue(), place.value(0))) {
                throw new CorruptionException(name.tableFile(), -1, "readers disagree");
            }
            more = place.next();
        }
        if (more) {
            throw new CorruptionException(name.tableFile(), -1, "readers disagree on the end");
        }
    }

    /** The table as MapDB reads it. */
    static SortedTableMap<byte[], byte[]> asMap(MappedVolume volume) {
        return SortedTableMap.open(volume, new NodeSerializer(), new NodeSerializer());
    }
}
