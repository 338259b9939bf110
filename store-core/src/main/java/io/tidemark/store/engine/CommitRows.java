// SPDX-License-Identifier: Apache-2.0
package io.tidemark.store.engine;

import java.util.Arrays;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/** The row versions of one commit, and the caller's position with it. Built by one thread, then handed to an engine. */
public final class CommitRows {
    /** Sixteen rows of two escaped keys' length and a full chunk fit the smallest table page (see TableWriter). */
    public static final int KEY_BYTES_MAX = 2048;

    public static final int VALUE_BYTES_MAX = 16 << 20;
    public static final int POSITION_BYTES_MAX = 64 << 10;

    private final long index;
    private final byte[] position;
    private final SortedMap<byte[], StoredRow> rows = new TreeMap<>(Arrays::compareUnsigned);

    private CommitRows(long index, byte[] position) {
        this.index = index;
        this.position = position;
    }

    /** An empty commit; the position is copied. */
    public static CommitRows at(long index, byte[] position) {
        if (index <= 0) {
            throw new IllegalArgumentException("index: " + index + " (expected: > 0)");
        }
        return new CommitRows(index, copyOfPosition(position));
    }

    static byte[] copyOfPosition(byte[] position) {
        checkLength("position", position, POSITION_BYTES_MAX);
        return position.clone();
    }

    /** Adds a new value. The key is copied; the value passes to the engine, which never changes it, nor may the caller. */
    public CommitRows put(int space, byte[] key, byte[] value) {
        checkLength("value", value, VALUE_BYTES_MAX);
        return add(space, key, false, value);
    }

    /** Adds a tombstone. */
    public CommitRows delete(int space, byte[] key) {
        return add(space, key, true, StoredRow.NO_BYTES);
    }

    private CommitRows add(int space, byte[] key, boolean tombstone, byte[] value) {
        if (space < 0 || space > 255) {
            throw new IllegalArgumentException("space: " + space + " (expected: 0 to 255)");
        }
        checkLength("key", key, KEY_BYTES_MAX);
        StoredRow row = new StoredRow(Encoding.rowKey(space, key, index), tombstone, value);
        if (rows.putIfAbsent(row.key(), row) != null) {
            throw new IllegalArgumentException("key: given twice (expected: one change of a row per commit)");
        }
        return this;
    }

    public long index() {
        return index;
    }

    public int size() {
        return rows.size();
    }

    /** Throws unless commits can follow the applied index. */
    static void requireApplicable(List<CommitRows> commits, long appliedIndex, EngineOptions options) {
        if (commits.isEmpty()) {
            throw new IllegalArgumentException("commits: none (expected: at least one)");
        }
        long before = appliedIndex;
        for (CommitRows commit : commits) {
            for (StoredRow row : commit.rows()) {
                options.retention(Encoding.space(row.key()));
            }
            if (commit.index <= before) {
                throw new IllegalArgumentException("index: " + commit.index + " (expected: > " + before + ")");
            }
            before = commit.index;
        }
    }

    byte[] position() {
        return position;
    }

    Iterable<StoredRow> rows() {
        return rows.values();
    }

    private static void checkLength(String name, byte[] bytes, int max) {
        if (bytes.length > max) {
            throw new IllegalArgumentException(name + ": " + bytes.length + " bytes (expected: <= " + max + ")");
        }
    }
}
