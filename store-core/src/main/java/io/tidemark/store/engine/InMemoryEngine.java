// SPDX-License-Identifier: Apache-2.0
package io.tidemark.store.engine;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * The reference: one sorted map of everything ever applied, one lock, nothing dropped, nothing durable. Right by
 * inspection; other engines are compared with it.
 */
public final class InMemoryEngine implements Engine {
    private final EngineOptions options;
    private final NavigableMap<byte[], EncodedRow> rows = new TreeMap<>(Arrays::compareUnsigned);
    private Applied applied = new Applied(0, EncodedRow.NO_BYTES);
    private Applied durable = applied;
    private long horizon;

    public InMemoryEngine(EngineOptions options) {
        this.options = options;
    }

    @Override
    public synchronized void apply(List<CommitRows> commits) {
        CommitRows.requireApplicable(commits, applied.index(), options);
        for (CommitRows commit : commits) {
            for (EncodedRow row : commit.rows()) {
                rows.put(row.key(), row);
            }
            applied = new Applied(commit.index(), commit.position());
        }
    }

    @Override
    public synchronized long memtableBytes() {
        return rows.values().stream().mapToLong(EncodedRow::bytes).sum();
    }

    @Override
    public synchronized void movePosition(byte[] position) {
        applied = new Applied(applied.index(), CommitRows.copyOfPosition(position));
    }

    @Override
    public synchronized long appliedIndex() {
        return applied.index();
    }

    @Override
    public synchronized byte[] position() {
        return applied.position().clone();
    }

    @Override
    public synchronized View view() {
        return new MemoryView(applied.index(), horizon);
    }

    @Override
    public synchronized View viewAt(long index) {
        if (index > applied.index()) {
            throw new IllegalArgumentException(
                    "index: " + index + " (expected: <= applied index " + applied.index() + ")");
        }
        if (index < horizon) {
            throw new HorizonPassedException(index, horizon);
        }
        return new MemoryView(index, horizon);
    }

    @Override
    public synchronized CompletableFuture<Checkpoint> checkpoint() {
        durable = applied;
        return CompletableFuture.completedFuture(durable.toCheckpoint());
    }

    @Override
    public synchronized long durableIndex() {
        return durable.index();
    }

    @Override
    public synchronized void setHorizon(long index) {
        if (index > applied.index()) {
            throw new IllegalArgumentException(
                    "horizon: " + index + " (expected: <= applied index " + applied.index() + ")");
        }
        horizon = Math.max(horizon, index);
    }

    @Override
    public synchronized long horizon() {
        return horizon;
    }

    @Override
    public CompletableFuture<Void> compact() {
        return CompletableFuture.completedFuture(null);
    }

    @Override
    public void scrub(ScrubProgress progress) {
        progress.read(0, 0);
    }

    @Override
    public synchronized EngineStats stats() {
        return new EngineStats(
                applied.index(),
                durable.index(),
                horizon,
                memtableBytes(),
                0,
                0,
                0,
                0,
                0,
                0,
                0,
                0,
                0,
                0,
                false,
                List.of());
    }

    @Override
    public void close() {}

    private synchronized List<RowVersion> visible(int space, long index, long hiddenThrough) {
        List<RowVersion> found = new ArrayList<>();
        EncodedRow newest = null;
        for (EncodedRow row : rows.values()) {
            if (Encoding.space(row.key()) == space
                    && row.index() <= index
                    && (newest == null || !newest.sameKey(row))) {
                newest = row;
                if (!row.tombstone() && row.index() > hiddenThrough) {
                    found.add(row.toVersion());
                }
            }
        }
        return found;
    }

    private final class MemoryView implements View {
        private final long index;
        private final long passed;
        private volatile boolean closed;

        private MemoryView(long index, long passed) {
            this.index = index;
            this.passed = passed;
        }

        @Override
        public long index() {
            return index;
        }

        @Override
        public long horizon() {
            return passed;
        }

        @Override
        public @Nullable RowVersion get(int space, byte[] key) {
            for (RowVersion row : all(space)) {
                if (Arrays.equals(row.key(), key)) {
                    return row;
                }
            }
            return null;
        }

        private List<RowVersion> all(int space) {
            if (closed) {
                throw new IllegalStateException("view is closed");
            }
            return visible(space, index, options.retention(space) == Retention.LOG ? passed : 0);
        }

        @Override
        public Cursor scan(int space, byte[] from, byte @Nullable [] to, Direction direction) {
            List<RowVersion> found = new ArrayList<>(all(space));
            found.removeIf(row -> Arrays.compareUnsigned(row.key(), from) < 0
                    || (to != null && Arrays.compareUnsigned(row.key(), to) >= 0));
            if (direction == Direction.DESCENDING) {
                Collections.reverse(found);
            }
            return new MemoryCursor(found.iterator());
        }

        @Override
        public void close() {
            closed = true;
        }
    }

    private static final class MemoryCursor implements Cursor {
        private final Iterator<RowVersion> rows;
        private boolean closed;

        private MemoryCursor(Iterator<RowVersion> rows) {
            this.rows = rows;
        }

        @Override
        public @Nullable RowVersion next() {
            if (closed) {
                throw new IllegalStateException("cursor is closed");
            }
            return rows.hasNext() ? rows.next() : null;
        }

        @Override
        public void close() {
            closed = true;
        }
    }
}
