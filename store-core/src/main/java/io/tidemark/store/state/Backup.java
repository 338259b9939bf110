// SPDX-License-Identifier: Apache-2.0
package io.tidemark.store.state;

import io.tidemark.api.HistoryId;
import io.tidemark.proto.v1.ShardDigest;
import io.tidemark.store.LogTime;
import io.tidemark.store.RowName;
import io.tidemark.store.Shards;
import io.tidemark.store.copy.BackupReader;
import io.tidemark.store.copy.BackupWriter;
import io.tidemark.store.copy.DamagedCopyException;
import io.tidemark.store.copy.RowChunk;
import io.tidemark.store.copy.RowChunks;
import io.tidemark.store.digest.Digest;
import io.tidemark.store.digest.DigestsAt;
import io.tidemark.store.engine.Engine;
import io.tidemark.store.proto.v1.BackupHeader;
import io.tidemark.store.proto.v1.BackupTrailer;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The whole of a store at one index, as a file; and a store made from such a file. */
public final class Backup {

    private static final long CHUNK_BYTES = 1 << 20;

    private Backup() {}

    /**
     * Where a backup is: so many rows, the last of which was that.
     *
     * @param passed null: none yet
     */
    public record Place(@Nullable RowName passed, long rows) {

        public static final Place START = new Place(null, 0);
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

        /** Writes what comes behind a place: from the start all of it. The bytes are the same however often it broke off. */
        public void write(OutputStream out, Place from, Listener listener) throws IOException {
            write(out, from, CHUNK_BYTES, listener);
        }

        void write(OutputStream out, Place from, long chunkBytes, Listener listener) throws IOException {
            BackupWriter writer = new BackupWriter(out, from.rows());
            if (from.equals(Place.START)) {
                writer.header(header);
            }
            ShardRows rows = new ShardRows(view.engineView(), shards, from.passed(), null);
            try (RowChunks chunks = new RowChunks(rows, chunkBytes)) {
                for (RowChunk chunk = chunks.next(); chunk != null; chunk = chunks.next()) {
                    if (chunk.rowCount() > 0) {
                        writer.rows(chunk);
                    }
                    if (chunk.through() != null) {
                        listener.reached(new Place(chunk.through(), writer.rowCount()), header.getEstimatedRows());
                    }
                }
            }
            writer.trailer(BackupTrailer.newBuilder().addAllDigests(digests(digests, shards)));
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
     * compared with the digests that the backup was written with. If this throws, the directory is of no use and is to be deleted.
     *
     * @throws DamagedCopyException if the backup is damaged or ends early
     */
    public static Store restore(
            InputStream in, Engine engine, HistoryId history, StoreOptions options, Listener listener)
            throws IOException {
        BackupReader reader = new BackupReader(in);
        BackupHeader header = reader.header();
        StoreBirth birth = new StoreBirth(
                history,
                header.getSettings(),
                Shards.NONE,
                header.getIndex(),
                LogTime.of(header.getLogTime()),
                header.getTransitionVersion(),
                header.getTablesList());
        Store store = Store.create(engine, birth, options);
        try {
            Shards all = Shards.all(store.shardCount());
            store.startCopy(all, header.getIndex());
            for (RowChunk chunk = reader.next(); chunk != null; chunk = reader.next()) {
                store.copyIn(chunk);
                listener.reached(new Place(chunk.through(), reader.rowCount()), header.getEstimatedRows());
            }
            store.copyIn(RowChunk.end());
            requireEqual(reader.trailer().getDigestsList(), digests(store.digests(), all));
            store.checkpoint().join();
            return store;
        } catch (Throwable e) {
            store.close();
            throw e;
        }
    }

    private static void requireEqual(List<ShardDigest> expected, List<ShardDigest> restored) {
        if (!expected.equals(restored)) {
            throw new DamagedCopyException(
                    "the restored rows do not have the digests that the backup was written with");
        }
    }
}
