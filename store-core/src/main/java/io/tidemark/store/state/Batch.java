// SPDX-License-Identifier: Apache-2.0
package io.tidemark.store.state;

import io.tidemark.store.engine.CommitRows;
import io.tidemark.store.engine.Engine;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What is written to the engine as one: versioned rows under the sequence of their commit, and latest rows, which may change
 * more than once in it and are written once, as they end.
 */
final class Batch {

    private static final byte[] NO_POSITION = {};

    private final Map<Integer, TreeMap<byte[], Value>> latest = new TreeMap<>();
    private final List<List<VersionedRow>> commits = new ArrayList<>();
    private long sequence;

    /** @param sequence the engine's last */
    Batch(long sequence) {
        this.sequence = sequence;
    }

    /** The sequence of the commit begun last. */
    long sequence() {
        return sequence;
    }

    void beginCommit() {
        sequence++;
        commits.add(new ArrayList<>());
    }

    void put(int space, byte[] key, byte[] value) {
        commits.get(commits.size() - 1).add(new VersionedRow(space, key, value));
    }

    void delete(int space, byte[] key) {
        commits.get(commits.size() - 1).add(new VersionedRow(space, key, null));
    }

    void putLatest(int space, byte[] key, byte[] value) {
        latest(space).put(key, new Value(value));
    }

    void deleteLatest(int space, byte[] key) {
        latest(space).put(key, new Value(null));
    }

    private Map<byte[], Value> latest(int space) {
        return latest.computeIfAbsent(space, any -> new TreeMap<>(Arrays::compareUnsigned));
    }

    /** Gives the batch a sequence if only latest rows are in it, so that it can be written. */
    void close() {
        if (commits.isEmpty() && !latest.isEmpty()) {
            beginCommit();
        }
    }

    /** All of it, or nothing if the engine refuses. */
    void writeTo(Engine engine, byte[] position) {
        if (commits.isEmpty()) {
            engine.movePosition(position);
            return;
        }
        List<CommitRows> written = new ArrayList<>(commits.size());
        long first = sequence - commits.size() + 1;
        for (int i = 0; i < commits.size(); i++) {
            boolean last = i == commits.size() - 1;
            CommitRows rows = CommitRows.at(first + i, last ? position : NO_POSITION);
            commits.get(i).forEach(row -> add(rows, row.space(), row.key(), row.value()));
            if (last) {
                latest.forEach(
                        (space, changes) -> changes.forEach((key, value) -> add(rows, space, key, value.bytes())));
            }
            written.add(rows);
        }
        engine.apply(written);
    }

    private static void add(CommitRows rows, int space, byte[] key, byte @Nullable [] value) {
        if (value == null) {
            rows.delete(space, key);
        } else {
            rows.put(space, key, value);
        }
    }

    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record VersionedRow(int space, byte[] key, byte @Nullable [] value) {}

    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Value(byte @Nullable [] bytes) {}
}
