// SPDX-License-Identifier: Apache-2.0
package io.tidemark.store.engine;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Rows in the order of their encoded keys. One thread adds, and nothing is ever removed; any thread reads, without waiting.
 *
 * <p>A skip list, because a node is found by all readers from one release store on. Three things make it cheaper than the
 * platform's: nodes carry the first sixteen bytes of their keys, so that most comparisons touch nothing but the node; a row
 * that lies behind the one added last is searched for from there, which is how a sorted commit comes; and neither nodes nor
 * rows are objects, of which the garbage collector would have to follow and copy millions.
 *
 * <p>A node is some longs of a slab: the first sixteen bytes of the key, the place of the row, its lengths, and for each of its
 * levels the number of the next node. The number of a node is the place of its first long; that of the start is 0, which as the
 * next node means none.
 */
final class RowSkipList {
    /** Enough for 4^12 rows, for one node in four reaches the next level. */
    private static final int LEVELS = 12;

    private static final int KEY_HEAD_BYTES = 2 * Long.BYTES;

    private static final int HIGH = 0;
    private static final int LOW = 1;
    private static final int PLACE = 2;
    private static final int LENGTHS = 3;
    private static final int LINKS = 4;

    private static final int SLAB_BITS = 17;
    private static final int SLAB_MASK = (1 << SLAB_BITS) - 1;

    /** With an array's header a MiB: one region of the smallest heaps. */
    private static final int SLAB_LONGS_MAX = (1 << SLAB_BITS) - 2;

    private static final int SLAB_LONGS_MIN = 1 << 11;

    /** Beside the length of the value: the row is a tombstone. */
    private static final long TOMBSTONE = 1L << 31;

    private static final int START = 0;
    private static final int NONE = 0;
    private static final VarHandle LONGS = MethodHandles.arrayElementVarHandle(long[].class);

    private final RowBytes rows = new RowBytes();

    /** Replaced when it is full; whoever learned of a node sees the array that holds its slab. */
    private long[][] slabs = new long[8][];

    private int slabCount;
    private int filled;
    private long bytes;

    /** The writer's: of each level the last node that is not behind the row added last. */
    private final int[] finger = new int[LEVELS];

    private long random = 0x9E3779B97F4A7C15L;

    RowSkipList() {
        int start = newNode(LEVELS);
        Arrays.fill(finger, start);
    }

    /**
     * By the writer. Whoever begins to read afterwards finds the row.
     *
     * @return its node
     * @throws IllegalArgumentException if there is a row of that key
     */
    int add(EncodedRow row) {
        byte[] key = row.key();
        long high = head(key, 0);
        long low = head(key, Long.BYTES);
        moveFinger(high, low, key);
        int following = next(finger[0], 0);
        if (following != NONE && compare(following, high, low, key) == 0) {
            throw new IllegalArgumentException("key: there already (expected: each version of a row once)");
        }
        int levels = randomLevels();
        int node = newNode(levels);
        long[] slab = slabs[node >>> SLAB_BITS];
        int at = node & SLAB_MASK;
        slab[at + HIGH] = high;
        slab[at + LOW] = low;
        slab[at + PLACE] = rows.add(key, row);
        slab[at + LENGTHS] = (long) key.length << Integer.SIZE | (row.tombstone() ? TOMBSTONE : 0) | row.valueBytes();
        for (int level = 0; level < levels; level++) {
            slab[at + LINKS + level] = next(finger[level], level);
        }
        // The lowest level first: a node that is found from above can be walked on from.
        for (int level = 0; level < levels; level++) {
            publishNext(finger[level], level, node);
            finger[level] = node;
        }
        bytes += key.length + row.valueBytes() + (long) (LINKS + levels) * Long.BYTES;
        return node;
    }

    private int newNode(int levels) {
        int longs = LINKS + levels;
        if (slabCount == 0 || longs > slabs[slabCount - 1].length - filled) {
            if (slabCount == slabs.length) {
                slabs = Arrays.copyOf(slabs, 2 * slabCount);
            }
            slabs[slabCount] = new long[Math.min(SLAB_LONGS_MAX, SLAB_LONGS_MIN << Math.min(slabCount, 10))];
            slabCount++;
            filled = 0;
        }
        int node = (slabCount - 1) << SLAB_BITS | filled;
        filled += longs;
        return node;
    }

    /** What the heap holds for the rows, near enough. The writer's. */
    long bytes() {
        return bytes;
    }

    /** To the last nodes before that key. */
    private void moveFinger(long high, long low, byte[] key) {
        int level = LEVELS;
        int at = START;
        if (finger[0] != START && compare(finger[0], high, low, key) < 0) {
            // Where nothing lies between on a level, nothing does above it either.
            level = 0;
            while (level < LEVELS && isBefore(next(finger[level], level), high, low, key)) {
                level++;
            }
            at = finger[Math.max(0, level - 1)];
        }
        while (--level >= 0) {
            int next = next(at, level);
            while (isBefore(next, high, low, key)) {
                at = next;
                next = next(at, level);
            }
            finger[level] = at;
        }
    }

    private boolean isBefore(int node, long high, long low, byte[] key) {
        return node != NONE && compare(node, high, low, key) < 0;
    }

    /** One level with probability 3/4, two with 3/16 and so on. */
    private int randomLevels() {
        random ^= random << 13;
        random ^= random >>> 7;
        random ^= random << 17;
        return 1 + Math.min(LEVELS - 1, Long.numberOfTrailingZeros(random) / 2);
    }

    /** The first row at or behind a row's key if it is of the same row. */
    @Nullable EncodedRow sameRowFrom(byte[] key) {
        int found = firstFrom(key);
        return found != NONE && isSameRow(found, key) ? row(found) : null;
    }

    /** The last row before the key; null as key: the last of all. */
    @Nullable EncodedRow lower(byte @Nullable [] key) {
        int found = key == null ? last() : lastBefore(key);
        return found == START ? null : row(found);
    }

    /** The rows from a key on, those included that are added meanwhile. */
    RowCursor ascending(byte @Nullable [] from) {
        return new Ascending(from == null ? next(START, 0) : firstFrom(from));
    }

    /** That next node which was compared: asked again, the one before could have a newer one, which is not behind the key. */
    private int firstFrom(byte[] key) {
        long high = head(key, 0);
        long low = head(key, Long.BYTES);
        int at = START;
        int next = NONE;
        for (int level = LEVELS - 1; level >= 0; level--) {
            next = next(at, level);
            while (isBefore(next, high, low, key)) {
                at = next;
                next = next(at, level);
            }
        }
        return next;
    }

    private int lastBefore(byte[] key) {
        long high = head(key, 0);
        long low = head(key, Long.BYTES);
        int at = START;
        for (int level = LEVELS - 1; level >= 0; level--) {
            int next = next(at, level);
            while (isBefore(next, high, low, key)) {
                at = next;
                next = next(at, level);
            }
        }
        return at;
    }

    private int last() {
        int at = START;
        for (int level = LEVELS - 1; level >= 0; level--) {
            for (int next = next(at, level); next != NONE; next = next(at, level)) {
                at = next;
            }
        }
        return at;
    }

    /**
     * Eight bytes of a key as a number. Where a key ends zeros stand in, which are below any byte that a longer key has there,
     * or equal to it: then the keys themselves decide.
     */
    private static long head(byte[] key, int from) {
        if (key.length >= from + Long.BYTES) {
            return Encoding.getLong(key, from);
        }
        long head = 0;
        for (int at = from; at < from + Long.BYTES; at++) {
            head = head << Byte.SIZE | (at < key.length ? key[at] & 0xFF : 0);
        }
        return head;
    }

    private long field(int node, int field) {
        return slabs[node >>> SLAB_BITS][(node & SLAB_MASK) + field];
    }

    private int next(int node, int level) {
        return (int) (long) LONGS.getAcquire(slabs[node >>> SLAB_BITS], (node & SLAB_MASK) + LINKS + level);
    }

    private void publishNext(int node, int level, int next) {
        LONGS.setRelease(slabs[node >>> SLAB_BITS], (node & SLAB_MASK) + LINKS + level, (long) next);
    }

    private int keyLength(int node) {
        return (int) (field(node, LENGTHS) >>> Integer.SIZE);
    }

    private int compare(int node, long high, long low, byte[] key) {
        long[] slab = slabs[node >>> SLAB_BITS];
        int at = node & SLAB_MASK;
        if (slab[at + HIGH] != high) {
            return Long.compareUnsigned(slab[at + HIGH], high);
        }
        if (slab[at + LOW] != low) {
            return Long.compareUnsigned(slab[at + LOW], low);
        }
        long place = slab[at + PLACE];
        int length = (int) (slab[at + LENGTHS] >>> Integer.SIZE);
        int offset = RowBytes.offset(place);
        int from = Math.min(KEY_HEAD_BYTES, Math.min(length, key.length));
        byte[] bytesOfRow = rows.array(place);
        return Arrays.compareUnsigned(bytesOfRow, offset + from, offset + length, key, from, key.length);
    }

    /** Looks at the row's own key, which is likely to be far away in memory, only when the head does not tell. */
    boolean isSameRow(int node, byte[] key) {
        int compared = key.length - Encoding.INDEX_BYTES;
        if (keyLength(node) != key.length
                || (compared >= KEY_HEAD_BYTES
                        && (field(node, HIGH) != Encoding.getLong(key, 0)
                                || field(node, LOW) != Encoding.getLong(key, Long.BYTES)))) {
            return false;
        }
        long place = field(node, PLACE);
        int offset = RowBytes.offset(place);
        return Arrays.equals(rows.array(place), offset, offset + compared, key, 0, compared);
    }

    /** The index of a node's version. */
    long index(int node) {
        long place = field(node, PLACE);
        return Encoding.index(rows.array(place), RowBytes.offset(place), keyLength(node));
    }

    EncodedRow row(int node) {
        long place = field(node, PLACE);
        long lengths = field(node, LENGTHS);
        int keyLength = (int) (lengths >>> Integer.SIZE);
        int valueBytes = (int) (lengths & TOMBSTONE - 1);
        int offset = RowBytes.offset(place);
        byte[] key = Arrays.copyOfRange(rows.array(place), offset, offset + keyLength);
        return new EncodedRow(key, (lengths & TOMBSTONE) != 0, rows.buffer(place), offset + keyLength, valueBytes);
    }

    private final class Ascending implements RowCursor {
        private int upcoming;

        private Ascending(int first) {
            this.upcoming = first;
        }

        @Override
        public @Nullable EncodedRow next() {
            int node = upcoming;
            if (node == NONE) {
                return null;
            }
            upcoming = RowSkipList.this.next(node, 0);
            return row(node);
        }
    }
}
