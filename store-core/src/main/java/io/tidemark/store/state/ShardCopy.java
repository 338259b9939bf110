// SPDX-License-Identifier: Apache-2.0
package io.tidemark.store.state;

import io.tidemark.proto.v1.Table;
import io.tidemark.store.LogTime;
import io.tidemark.store.RowName;
import io.tidemark.store.Shards;
import io.tidemark.store.copy.RowChunks;
import io.tidemark.store.digest.DigestsAt;
import io.tidemark.store.transition.Counters;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The rows of some shards at one index, held until the copy has arrived, so that one that broke off can go on where it was. It
 * keeps files on disk until it is closed. For one thread at a time.
 */
public final class ShardCopy implements AutoCloseable {

    private final StoreView view;
    private final Shards shards;
    private final LogTime logTime;
    private final DigestsAt digests;
    private final Counters counters;

    ShardCopy(StoreView view, Shards shards, LogTime logTime, DigestsAt digests, Counters counters) {
        this.view = view;
        this.shards = shards;
        this.logTime = logTime;
        this.digests = digests;
        this.counters = counters;
    }

    /** The index that the copy is of. */
    public long index() {
        return view.index();
    }

    public Shards shards() {
        return shards;
    }

    /** No later commit has an earlier one. */
    public LogTime logTime() {
        return logTime;
    }

    public DigestsAt digests() {
        return digests;
    }

    public List<Table> tables() {
        return view.tables();
    }

    /** How many rows there are. */
    public long rowCount() {
        return shards.stream()
                .mapToLong(shard -> digests.shard(shard).rowCount())
                .sum();
    }

    /** How large they may be together: as if the rows of all shards were of one size. */
    public long estimatedBytes() {
        return counters.liveRows() == 0 ? 0 : (long) ((double) counters.liveBytes() * rowCount() / counters.liveRows());
    }

    /**
     * The rows in chunks, to be closed before this is.
     *
     * @param after go on behind this row, where an earlier call ended; null: from the first
     * @param rowsMax how many rows to pass for one chunk, those of other shards included; above 0
     */
    public RowChunks chunks(@Nullable RowName after, long chunkBytes, int rowsMax) {
        return new RowChunks(new ShardRows(view.engineView(), shards, after, null), after, chunkBytes, rowsMax);
    }

    @Override
    public void close() {
        view.close();
    }
}
