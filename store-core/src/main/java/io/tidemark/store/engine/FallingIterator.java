// SPDX-License-Identifier: Apache-2.0
package io.tidemark.store.engine;

import java.util.Arrays;
import java.util.Iterator;
import java.util.Map;
import java.util.NoSuchElementException;
import org.jspecify.annotations.Nullable;

/**
 * Passes over entries that do not descend. MapDB's descending iterator with an upper bound gives the whole of its first
 * node again after the part below the bound ({@code findHi} leaves the node number one too high).
 */
final class FallingIterator implements Iterator<Map.Entry<byte[], byte[]>> {
    private final Iterator<Map.Entry<byte[], byte[]>> entries;
    private Map.@Nullable Entry<byte[], byte[]> ahead;

    FallingIterator(Iterator<Map.Entry<byte[], byte[]>> entries) {
        this.entries = entries;
        this.ahead = entries.hasNext() ? entries.next() : null;
    }

    @Override
    public boolean hasNext() {
        return ahead != null;
    }

    @Override
    public Map.Entry<byte[], byte[]> next() {
        Map.Entry<byte[], byte[]> entry = ahead;
        if (entry == null) {
            throw new NoSuchElementException();
        }
        ahead = null;
        while (ahead == null && entries.hasNext()) {
            Map.Entry<byte[], byte[]> candidate = entries.next();
            if (Arrays.compareUnsigned(candidate.getKey(), entry.getKey()) < 0) {
                ahead = candidate;
            }
        }
        return entry;
    }
}
