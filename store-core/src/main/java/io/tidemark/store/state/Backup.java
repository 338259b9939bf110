// SPDX-License-Identifier: Apache-2.0
package io.tidemark.store.state;

import io.tidemark.api.HistoryId;
import io.tidemark.proto.v1.ShardDigest;
import io.tidemark.proto.v1.StoreSettings;
import io.tidemark.proto.v1.Table;
import io.tidemark.store.LogTime;
import io.tidemark.store.RefusedException;
import io.tidemark.store.RowName;
import io.tidemark.store.Shards;
import io.tidemark.store.copy.BackupReader;
import io.tidemark.store.copy.BackupWriter;
import io.tidemark.store.copy.CopiedRow;
import io.tidemark.store.copy.DamagedCopyException;
import io.tidemark.store.copy.RowChunk;
import io.tidemark.store.copy.RowChunks;
import io.tidemark.store.digest.Digest;
import io.tidemark.store.digest.DigestsAt;
import io.tidemark.store.digest.RowHasher;
import io.tidemark.store.engine.Engine;
import io.tidemark.store.proto.v1.BackupHeader;
import io.tidemark.store.proto.v1.BackupTrailer;
import io.tidemark.store.transition.Transition;
import io.tidemark.store.validate.NameRules;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The whole of a store at one index, as a file; and a store made from such a file. */
public final class Backup {

    private static final long CHUNK_BYTES = 1 << 20;
    private static final int ROWS_PER_STEP = 10_000;

    private Backup() {}

    /**
     * Where a backup is: so many rows, the last of which was that, in so many bytes of the file.
     *
     * @param passed null: none yet
     */
    public record Place(@Nullable RowName passed, long rows, long bytes) {

        public static final Place START = new Place(null, 0, 0);
    }

    /** Is told where a backup or a restore is after each chunk; may throw to end it. */
    public interface Listener {
        void reached(Place place, long estimatedRows);
    }

    /**
     * A state that is being backed up. Hold it until the backup has arrived, and a backup that broke off can go on where it was.
     * It keeps files on disk until it is closed.
     */
    public static final class Source implements AutoCloseable {
        private final StoreView view;
        private final Shards shards;
        private final BackupHeader header;
        private final DigestsAt digests;

        Source(StoreView view, Shards shards, BackupHeader header, DigestsAt digests) {
            this.view = view;
            this.shards = shards;
            this.header = header;
            this.digests = digests;
        }

        /** The index that the backup is of. */
        public long index() {
            return view.index();
        }

        /**
         * Writes what comes behind a place: from the start all of it. The bytes are the same however often it broke off: cut the
         * file at {@link Place#bytes} of the last place that is certainly in it, and go on from there.
         */
        public void write(OutputStream out, Place from, Listener listener) throws IOException {
            write(out, from, CHUNK_BYTES, listener);
        }

        void write(OutputStream out, Place from, long chunkBytes, Listener listener) throws IOException {
            BackupWriter writer = new BackupWriter(out, from.rows(), from.bytes());
            if (from.equals(Place.START)) {
                writer.header(header);
            }
            ShardRows rows = new ShardRows(view.engineView(), shards, from.passed(), null);
            try (RowChunks chunks = new RowChunks(rows, from.passed(), chunkBytes, Long.MAX_VALUE)) {
                for (RowChunk chunk = chunks.next(); chunk != null; chunk = chunks.next()) {
                    writer.rows(chunk);
                    Place place = new Place(chunk.through(), writer.rowCount(), writer.bytes());
                    listener.reached(place, header.getEstimatedRows());
                }
            }
            writer.trailer(BackupTrailer.newBuilder()
                    .addAllDigests(digests(digests, shards))
                    .setDigestVersion(RowHasher.VERSION));
        }

        @Override
        public void close() {
            view.close();
        }
    }

    private static List<ShardDigest> digests(DigestsAt digests, Shards shards) {
        List<ShardDigest> all = new ArrayList<>();
        shards.stream().forEach(shard -> {
            Digest digest = digests.shard(shard);
            all.add(ShardDigest.newBuilder()
                    .setShard(shard)
                    .setDigest(digest.toBytes())
                    .setRowCount(digest.rowCount())
                    .build());
        });
        return all;
    }

    /**
     * Makes a store of a backup, in an empty engine, with a history of its own that begins at the backup's index. The rows are
     * compared with the digests that the backup was written with. The store closes the engine.
     *
     * <p>If this throws, the engine is closed, and the directory is of no use and is to be deleted. So it is if the process ends
     * meanwhile: {@link Store#open} refuses it.
     *
     * @throws DamagedCopyException if the backup is damaged or ends early
     */
    public static Store restore(
            InputStream in, Engine engine, HistoryId history, StoreOptions options, Listener listener)
            throws IOException {
        return restore(in, engine, settings -> history, options, listener);
    }

    /** The same, with a history whose id follows from the settings that the backup turns out to have. */
    public static Store restore(
            InputStream in,
            Engine engine,
            Function<StoreSettings, HistoryId> histories,
            StoreOptions options,
            Listener listener)
            throws IOException {
        try {
            BackupReader reader = new BackupReader(in);
            HistoryId history = histories.apply(reader.header().getSettings());
            Store store = Store.createForRestore(engine, birth(reader.header(), history), options);
            fill(store, reader, listener);
            return store;
        } catch (Throwable e) {
            engine.close();
            throw e;
        }
    }

    private static StoreBirth birth(BackupHeader header, HistoryId history) {
        if (header.getHistoryId().equals(history.text())) {
            throw new IllegalArgumentException("history " + history
                    + " is the backup's own (expected: a new one, so that tokens of the old one are refused)");
        }
        int version = header.getTransitionVersion();
        if (version < Transition.VERSION_FIRST || version > Transition.VERSION_MAX) {
            throw new DamagedCopyException("a backup of transition version " + version + " (expected: from "
                    + Transition.VERSION_FIRST + " to " + Transition.VERSION_MAX + ", which this software knows)");
        }
        if (header.getIndex() < 0) {
            throw new DamagedCopyException("a backup of index " + header.getIndex() + " (expected: 0 or above)");
        }
        try {
            for (Table table : header.getTablesList()) {
                NameRules.requireTable("table", table.getTable());
            }
            if (tables(header).size() != header.getTablesCount()) {
                throw new DamagedCopyException("a backup that names a table twice");
            }
            return new StoreBirth(
                    history,
                    header.getSettings(),
                    Shards.NONE,
                    header.getIndex(),
                    LogTime.of(header.getLogTime()),
                    version,
                    header.getTablesList());
        } catch (RefusedException | IllegalArgumentException e) {
            throw new DamagedCopyException("a backup with a header that no store can begin with: " + e.getMessage(), e);
        }
    }

    private static Set<String> tables(BackupHeader header) {
        return header.getTablesList().stream().map(Table::getTable).collect(Collectors.toSet());
    }

    private static void fill(Store store, BackupReader reader, Listener listener) throws IOException {
        BackupHeader header = reader.header();
        Set<String> tables = tables(header);
        Shards all = Shards.all(store.shardCount());
        store.startCopy(all, header.getIndex());
        for (RowChunk chunk = reader.next(); chunk != null; chunk = reader.next()) {
            requireOf(tables, chunk);
            copyIn(store, chunk);
            Place place = new Place(chunk.through(), reader.rowCount(), reader.bytes());
            listener.reached(place, header.getEstimatedRows());
        }
        endCopy(store, reader.rowCount());
        requireKnownDigests(reader.trailer().getDigestVersion());
        requireEqual(reader.trailer().getDigestsList(), digests(store.digests(), all));
        store.endRestore();
        store.checkpoint().join();
    }

    private static void copyIn(Store store, RowChunk chunk) {
        boolean done = false;
        while (!done) {
            done = store.copyIn(chunk, ROWS_PER_STEP);
        }
    }

    private static void endCopy(Store store, long rowCount) {
        boolean done = false;
        while (!done) {
            done = store.endCopy(rowCount, ROWS_PER_STEP);
        }
    }

    private static void requireOf(Set<String> tables, RowChunk chunk) {
        for (CopiedRow row : chunk.decode()) {
            if (!tables.contains(row.name().table())) {
                throw new DamagedCopyException(
                        "row " + row.name() + " of a backup (expected: of a table that its header names)");
            }
        }
    }

    private static void requireKnownDigests(int version) {
        if (version != RowHasher.VERSION) {
            throw new DamagedCopyException("a backup with digests of version " + version + " (expected: "
                    + RowHasher.VERSION + ", which this software can compute)");
        }
    }

    /** By what they say, not by how they were encoded: a later version may say more in them. */
    private static void requireEqual(List<ShardDigest> expected, List<ShardDigest> restored) {
        Map<Integer, ShardDigest> byShard = new HashMap<>();
        for (ShardDigest digest : expected) {
            if (byShard.put(digest.getShard(), digest) != null) {
                throw new DamagedCopyException("a backup with two digests of shard " + digest.getShard());
            }
        }
        if (byShard.size() != restored.size()) {
            throw new DamagedCopyException(
                    "a backup with digests of " + byShard.size() + " shards (expected: " + restored.size() + ")");
        }
        for (ShardDigest here : restored) {
            ShardDigest there = byShard.get(here.getShard());
            if (there == null
                    || !there.getDigest().equals(here.getDigest())
                    || there.getRowCount() != here.getRowCount()) {
                throw new DamagedCopyException("the restored rows of shard " + here.getShard()
                        + " do not have the digest that the backup was written with");
            }
        }
    }
}
