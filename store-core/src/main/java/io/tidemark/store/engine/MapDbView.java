// SPDX-License-Identifier: Apache-2.0
package io.tidemark.store.engine;

import java.util.Arrays;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * A held version at an index. Every call and every open cursor counts as a user; the version is let go when the view is
 * closed and the last of them has ended, because touching an unmapped table ends the process.
 */
final class MapDbView implements View {
    private final Version version;
    private final EngineOptions options;
    private final long index;
    private final long horizon;
    private final AtomicInteger users = new AtomicInteger(1);
    private final AtomicBoolean closed = new AtomicBoolean();

    /** Takes over one hold of the version. */
    MapDbView(Version version, EngineOptions options, long index, long horizon) {
        this.version = version;
        this.options = options;
        this.index = index;
        this.horizon = horizon;
    }

    @Override
    public long index() {
        return index;
    }

    @Override
    public long horizon() {
        return horizon;
    }

    @Override
    public @Nullable RowVersion get(int space, byte[] key) {
        long hiddenThrough = hiddenThrough(space);
        enter();
        try {
            EncodedRow row = version.newest(Encoding.rowKey(space, key, index));
            return row == null || row.tombstone() || row.index() <= hiddenThrough ? null : row.toVersion(key);
        } finally {
            leave();
        }
    }

    @Override
    public Cursor scan(int space, byte[] fromInclusive, byte @Nullable [] toExclusive, Direction direction) {
        long hiddenThrough = hiddenThrough(space);
        byte[] from = Encoding.prefix(space, fromInclusive);
        byte[] to = toExclusive == null ? Encoding.endOfSpace(space) : Encoding.prefix(space, toExclusive);
        enter();
        try {
            boolean empty = to != null && Arrays.compareUnsigned(from, to) >= 0;
            RowCursor rows = empty ? () -> null : version.rows(from, to, direction);
            return new Rows(new VisibleCursor(rows, direction, hiddenThrough, index));
        } catch (Throwable e) {
            leave();
            throw e;
        }
    }

    private long hiddenThrough(int space) {
        return options.retention(space) == Retention.LOG ? horizon : 0;
    }

    private void enter() {
        int now = users.get();
        while (now > 0 && !closed.get()) {
            if (users.compareAndSet(now, now + 1)) {
                return;
            }
            now = users.get();
        }
        throw new IllegalStateException("view is closed");
    }

    private void leave() {
        if (users.decrementAndGet() == 0) {
            version.release();
        }
    }

    @Override
    public void close() {
        if (closed.compareAndSet(false, true)) {
            leave();
        }
    }

    /** Synchronized, so that a close by another thread cannot unmap what a step is reading. */
    private final class Rows implements Cursor {
        private final RowCursor visible;
        private boolean open = true;

        private Rows(RowCursor visible) {
            this.visible = visible;
        }

        @Override
        public synchronized @Nullable RowVersion next() {
            if (!open) {
                throw new IllegalStateException("cursor is closed");
            }
            EncodedRow row = visible.next();
            return row == null ? null : row.toVersion();
        }

        @Override
        public synchronized void close() {
            if (open) {
                open = false;
                leave();
            }
        }
    }
}
