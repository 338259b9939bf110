// SPDX-License-Identifier: Apache-2.0
package io.tidemark.benchmarks;

import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import org.jspecify.annotations.Nullable;

/** A map on the heap: the bound that a memtable of this kind sets, with no durability at all. */
final class SkipListContender implements Contender {
    private final ConcurrentSkipListMap<byte[], byte[]> rows = new ConcurrentSkipListMap<>(Arrays::compareUnsigned);

    @Override
    public void apply(byte[][] keys, byte[][] values) {
        for (int i = 0; i < keys.length; i++) {
            rows.put(keys[i], values[i]);
        }
    }

    @Override
    public byte @Nullable [] get(byte[] key) {
        return rows.get(key);
    }

    @Override
    public int getAll(byte[][] keys) {
        int found = 0;
        for (byte[] key : keys) {
            if (rows.get(key) != null) {
                found++;
            }
        }
        return found;
    }

    @Override
    public int scan(byte[] from, int count) {
        int seen = 0;
        for (Map.Entry<byte[], byte[]> row : rows.tailMap(from).entrySet()) {
            if (seen == count) {
                break;
            }
            if (row.getValue().length > 0) {
                seen++;
            }
        }
        return seen;
    }

    @Override
    public void checkpoint() {}

    @Override
    public void compact() {}

    @Override
    public void keepTables(boolean keep) {}

    @Override
    public void reopen() {}

    @Override
    public void close() {
        rows.clear();
    }
}
