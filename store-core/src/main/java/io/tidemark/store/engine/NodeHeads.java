// SPDX-License-Identifier: Apache-2.0
package io.tidemark.store.engine;

import java.util.Arrays;
import java.util.concurrent.atomic.AtomicLongArray;

/**
 * Of each node in a page the eight bytes of its first key that follow what all keys of the page share. Searching these
 * touches a few lines of the heap, searching the keys themselves a page of the file for each. Noted as nodes are met;
 * 0 is one that is not known, or that is best looked up.
 */
final class NodeHeads {
    private final byte[] shared;
    private final AtomicLongArray heads;

    /** The page's keys lie from the one to the other. */
    NodeHeads(byte[] first, byte[] last, int nodes) {
        int mismatch = Arrays.mismatch(first, last);
        this.shared = Arrays.copyOf(first, mismatch < 0 ? first.length : mismatch);
        this.heads = new AtomicLongArray(nodes);
    }

    /** Negative or positive when the key is below or above all of the page's; 0 when it has to be searched for. */
    int compare(byte[] key) {
        if (key.length >= shared.length) {
            return Arrays.compareUnsigned(key, 0, shared.length, shared, 0, shared.length);
        }
        return Arrays.compareUnsigned(key, shared);
    }

    /** Ordered as the keys are, but that unequal keys may have equal heads. */
    long head(byte[] key) {
        int from = shared.length;
        if (from + Long.BYTES <= key.length) {
            return Encoding.getLong(key, from);
        }
        long head = 0;
        for (int i = from; i < from + Long.BYTES; i++) {
            head = head << 8 | (i < key.length ? key[i] & 0xFF : 0);
        }
        return head;
    }

    long get(int node) {
        return heads.getOpaque(node);
    }

    void note(int node, byte[] firstKey) {
        heads.setOpaque(node, head(firstKey));
    }
}
