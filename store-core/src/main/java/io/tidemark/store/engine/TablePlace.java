// SPDX-License-Identifier: Apache-2.0
package io.tidemark.store.engine;

import java.nio.ByteBuffer;

/**
 * An entry of a table, found and read where it lies. MapDB's own reader copies a node's keys to look at one of them;
 * this one knows the same format (MapDB's pages, {@link NodeSerializer}'s blocks) and copies only what is asked for.
 * Every page directory and block is checked before it is used. For one thread.
 */
final class TablePlace {
    private final MappedVolume volume;
    private final ByteBuffer bytes;

    private int page;
    private int directory;
    private int nodes;
    private int node;
    private int entry;

    private int entries;
    private int prefixAt;
    private int prefixLength;
    private int keyEndsAt;
    private int valueEndsAt;

    TablePlace(MappedVolume volume) {
        this.volume = volume;
        this.bytes = volume.bytes();
    }

    /** Moves to the first entry of a page. */
    void enterPage(int number) {
        turnTo(number);
        enterNode(0);
    }

    void moveToFirst() {
        enterPage(0);
    }

    void moveToLast() {
        turnTo(volume.pages() - 1);
        enterNode(nodes - 1);
        entry = entries - 1;
    }

    /** Moves to the least entry at or above the key; false when there is none. */
    boolean seek(byte[] key, PageIndex index) {
        turnTo(index.page(key));
        enterNode(lastNodeAtOrBelow(key, index.heads(page, nodes)));
        entry = firstEntryAtOrAbove(key);
        if (entry < entries) {
            return true;
        }
        entry = entries - 1;
        return next();
    }

    /** The first node when all begin above the key. */
    private int lastNodeAtOrBelow(byte[] key, NodeHeads heads) {
        int beside = heads.compare(key);
        if (beside != 0) {
            return beside < 0 ? 0 : nodes - 1;
        }
        long head = heads.head(key);
        int low = 1;
        int high = nodes - 1;
        while (low <= high) {
            int middle = (low + high) >>> 1;
            if (compareToNode(key, head, middle, heads) >= 0) {
                low = middle + 1;
            } else {
                high = middle - 1;
            }
        }
        return high;
    }

    private int compareToNode(byte[] key, long head, int number, NodeHeads heads) {
        long known = heads.get(number);
        if (known != 0 && known != head) {
            return Long.compareUnsigned(head, known);
        }
        enterNode(number);
        if (known == 0) {
            heads.note(number, key());
        }
        return compareToEntry(key, 0);
    }

    private int firstEntryAtOrAbove(byte[] key) {
        int common = compareToPrefix(key);
        if (common != 0) {
            return common < 0 ? 0 : entries;
        }
        int low = 0;
        int high = entries - 1;
        while (low <= high) {
            int middle = (low + high) >>> 1;
            if (compareToSuffix(key, middle) > 0) {
                low = middle + 1;
            } else {
                high = middle - 1;
            }
        }
        return low;
    }

    /** Moves to the entry after this one; false, and no move, when there is none. */
    boolean next() {
        if (entry + 1 < entries) {
            entry++;
            return true;
        }
        if (node + 1 < nodes) {
            enterNode(node + 1);
            return true;
        }
        if (page + 1 < volume.pages()) {
            enterPage(page + 1);
            return true;
        }
        return false;
    }

    /** Moves to the entry before this one; false, and no move, when there is none. */
    boolean previous() {
        if (entry > 0) {
            entry--;
            return true;
        }
        if (node > 0) {
            enterNode(node - 1);
        } else if (page > 0) {
            turnTo(page - 1);
            enterNode(nodes - 1);
        } else {
            return false;
        }
        entry = entries - 1;
        return true;
    }

    private void turnTo(int number) {
        directory = volume.checkedDirectory(number);
        page = number;
        nodes = bytes.getInt(directory);
    }

    private void enterNode(int number) {
        int at = volume.checkedBlock(start(number), start(number + 1));
        int count = 0;
        byte packed;
        do {
            packed = bytes.get(at++);
            count = count << 7 | (packed & 0x7F);
        } while (packed >= 0);
        node = number;
        entry = 0;
        entries = count;
        prefixLength = bytes.getShort(at) & 0xFFFF;
        prefixAt = at + Short.BYTES;
        keyEndsAt = prefixAt + prefixLength;
        valueEndsAt = 0;
    }

    /** Where a block begins, and the one before it ends: the key blocks of all nodes, then the value blocks. */
    private int start(int block) {
        return page * volume.pageBytes() + bytes.getInt(directory + Integer.BYTES + Integer.BYTES * block);
    }

    /** The key beside this entry's: negative when the key is less. */
    int compare(byte[] key) {
        return compareToEntry(key, entry);
    }

    private int compareToEntry(byte[] key, int number) {
        int common = compareToPrefix(key);
        return common != 0 ? common : compareToSuffix(key, number);
    }

    private int compareToPrefix(byte[] key) {
        return compare(key, 0, Math.min(key.length, prefixLength), prefixAt, prefixLength);
    }

    private int compareToSuffix(byte[] key, int number) {
        int from = keyStart(number);
        return compare(key, prefixLength, key.length, from, keyStart(number + 1) - from);
    }

    private int compare(byte[] key, int from, int to, int at, int length) {
        int common = Math.min(to - from, length);
        int i = 0;
        for (; i + Long.BYTES <= common; i += Long.BYTES) {
            long ours = Encoding.getLong(key, from + i);
            long theirs = bytes.getLong(at + i);
            if (ours != theirs) {
                return Long.compareUnsigned(ours, theirs);
            }
        }
        for (; i < common; i++) {
            int difference = (key[from + i] & 0xFF) - (bytes.get(at + i) & 0xFF);
            if (difference != 0) {
                return difference;
            }
        }
        return to - from - length;
    }

    /** Where an entry's suffix begins, and the one before it ends. */
    private int keyStart(int number) {
        return keyEndsAt + Integer.BYTES * entries + end(keyEndsAt, number);
    }

    private int end(int endsAt, int number) {
        return number == 0 ? 0 : bytes.getInt(endsAt + Integer.BYTES * (number - 1));
    }

    /** Whether the key, but for its last bytes, is the entry's: its row is the same but for the index. */
    boolean isOfRow(byte[] key, int length) {
        int from = keyStart(entry);
        int suffix = keyStart(entry + 1) - from;
        if (prefixLength + suffix < length) {
            return false;
        }
        int shared = Math.min(length, prefixLength);
        return compare(key, 0, shared, prefixAt, shared) == 0
                && compare(key, shared, length, from, length - shared) == 0;
    }

    /** The key without the chunk number. */
    byte[] rowKey() {
        return key(Encoding.CHUNK_BYTES);
    }

    byte[] key() {
        return key(0);
    }

    private byte[] key(int without) {
        int from = keyStart(entry);
        byte[] key = new byte[prefixLength + keyStart(entry + 1) - from - without];
        int shared = Math.min(prefixLength, key.length);
        bytes.get(prefixAt, key, 0, shared);
        bytes.get(from, key, shared, key.length - shared);
        return key;
    }

    int chunk() {
        return Encoding.chunk(key());
    }

    /** The first byte of the value. */
    byte flag() {
        return bytes.get(valueStart(entry));
    }

    /** The row of a value that is whole, behind its first byte. */
    EncodedRow row(byte[] rowKey) {
        int start = valueStart(entry) + 1;
        return new EncodedRow(rowKey, false, bytes, start, valueStart(entry + 1) - start);
    }

    /** The value from its n-th byte on. */
    byte[] value(int from) {
        int start = valueStart(entry) + from;
        byte[] value = new byte[valueStart(entry + 1) - start];
        bytes.get(start, value);
        return value;
    }

    private int valueStart(int number) {
        if (valueEndsAt == 0) {
            int block = nodes + node;
            // Values share nothing: the length of their common prefix is there, and 0.
            valueEndsAt = volume.checkedBlock(start(block), start(block + 1)) + Short.BYTES;
        }
        return valueEndsAt + Integer.BYTES * entries + end(valueEndsAt, number);
    }
}
