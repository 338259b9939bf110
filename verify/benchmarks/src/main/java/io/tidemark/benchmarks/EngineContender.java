// SPDX-License-Identifier: Apache-2.0
package io.tidemark.benchmarks;

import io.tidemark.store.engine.CommitRows;
import io.tidemark.store.engine.Cursor;
import io.tidemark.store.engine.Direction;
import io.tidemark.store.engine.EngineOptions;
import io.tidemark.store.engine.MapDbEngine;
import io.tidemark.store.engine.Retention;
import io.tidemark.store.engine.RowVersion;
import io.tidemark.store.engine.View;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The engine as a server uses it: a view for each read, and a horizon that follows the checkpoints, so that overwritten
 * rows are dropped as RocksDB drops them.
 */
final class EngineContender implements Contender {
    private static final int SPACE = 1;

    private static final byte[] POSITION = {};
    private static final EngineOptions USUAL = EngineOptions.of(Map.of(SPACE, Retention.VERSIONED));

    private final Path directory;
    private MapDbEngine engine;

    EngineContender(Path directory) {
        this.directory = directory;
        this.engine = MapDbEngine.open(directory, USUAL);
    }

    @Override
    public void apply(byte[][] keys, byte[][] values) {
        CommitRows commit = CommitRows.at(engine.appliedIndex() + 1, POSITION);
        for (int i = 0; i < keys.length; i++) {
            commit.put(SPACE, keys[i], values[i]);
        }
        engine.apply(commit);
    }

    @Override
    public byte @Nullable [] get(byte[] key) {
        try (View view = engine.view()) {
            RowVersion row = view.get(SPACE, key);
            return row == null ? null : row.value();
        }
    }

    @Override
    public int getAll(byte[][] keys) {
        int found = 0;
        try (View view = engine.view()) {
            for (byte[] key : keys) {
                if (view.get(SPACE, key) != null) {
                    found++;
                }
            }
        }
        return found;
    }

    @Override
    public int scan(byte[] from, int rows) {
        int seen = 0;
        try (View view = engine.view();
                Cursor cursor = view.scan(SPACE, from, null, Direction.ASCENDING)) {
            while (seen < rows && cursor.next() != null) {
                seen++;
            }
        }
        return seen;
    }

    @Override
    public void checkpoint() {
        engine.setHorizon(engine.appliedIndex());
        engine.checkpoint().join();
    }

    @Override
    public void compact() {
        engine.compact().join();
    }

    @Override
    public void keepTables(boolean keep) {
        reopen(keep ? keepingTables(USUAL) : USUAL);
    }

    /** Without compaction. */
    static EngineOptions keepingTables(EngineOptions usual) {
        return new EngineOptions(
                usual.spaces(),
                usual.memtableBytesMax(),
                usual.tableBytesMax(),
                1000,
                2000,
                2000,
                usual.level1BytesTarget(),
                usual.levelRatio(),
                Long.MAX_VALUE / 4);
    }

    @Override
    public void reopen() {
        reopen(USUAL);
    }

    private void reopen(EngineOptions options) {
        engine.close();
        engine = MapDbEngine.open(directory, options);
    }

    @Override
    public String toString() {
        return engine.stats().toString();
    }

    @Override
    public void close() {
        engine.close();
    }
}
