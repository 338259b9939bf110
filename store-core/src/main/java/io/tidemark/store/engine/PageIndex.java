// SPDX-License-Identifier: Apache-2.0
package io.tidemark.store.engine;

import java.util.Arrays;
import java.util.concurrent.atomic.AtomicReferenceArray;

/** What the heap keeps of a table to find a key's node. Safe for many threads. */
final class PageIndex {
    private final byte[][] firstKeys;
    private final byte[] lastKey;
    private final AtomicReferenceArray<NodeHeads> heads;

    private PageIndex(byte[][] firstKeys, byte[] lastKey) {
        this.firstKeys = firstKeys;
        this.lastKey = lastKey;
        this.heads = new AtomicReferenceArray<>(firstKeys.length);
    }

    /** Reads the first key of each page. */
    static PageIndex of(MappedVolume volume, TableFooter footer) {
        byte[][] keys = new byte[volume.pages()][];
        TablePlace place = new TablePlace(volume);
        for (int page = 0; page < keys.length; page++) {
            place.enterPage(page);
            keys[page] = place.key();
        }
        return new PageIndex(keys, footer.maxKey());
    }

    /** The only page that can hold the key, or the first when it is below all of them. */
    int page(byte[] key) {
        int low = 1;
        int high = firstKeys.length - 1;
        while (low <= high) {
            int middle = (low + high) >>> 1;
            if (Arrays.compareUnsigned(firstKeys[middle], key) <= 0) {
                low = middle + 1;
            } else {
                high = middle - 1;
            }
        }
        return high;
    }

    NodeHeads heads(int page, int nodes) {
        NodeHeads known = heads.getAcquire(page);
        if (known == null) {
            byte[] after = page + 1 < firstKeys.length ? firstKeys[page + 1] : lastKey;
            known = new NodeHeads(firstKeys[page], after, nodes);
            heads.setRelease(page, known);
        }
        return known;
    }
}
