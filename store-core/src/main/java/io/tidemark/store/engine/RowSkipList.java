// SPDX-License-Identifier: Apache-2.0
package io.tidemark.store.engine;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Rows in the order of their encoded keys. One thread adds, and nothing is ever removed; any thread reads, without waiting.
 *
 * <p>A skip list, because a node is found by all readers from one release store on. Two things make it quicker than the
 * platform's: nodes carry the first sixteen bytes of their keys, so that most comparisons touch nothing but the node; and
 * a row that lies behind the one added last is searched for from there, which is how a sorted commit comes.
 */
final class RowSkipList {
    /** Enough for 4^12 rows, for one node in four reaches the next level. */
    private static final int LEVELS = 12;

    private static final int HEAD_BYTES = 2 * Long.BYTES;

    private static final VarHandle NEXT;
    private static final VarHandle ABOVE = MethodHandles.arrayElementVarHandle(Node[].class);

    static {
        try {
            NEXT = MethodHandles.lookup().findVarHandle(Node.class, "next", Node.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    /** Before all rows; its own row is never looked at. */
    private final Node start = new Node(new EncodedRow(EncodedRow.NO_BYTES, true, EncodedRow.NO_BYTES), LEVELS);

    /** The writer's: of each level the last node that is not behind the row added last. */
    private final Node[] finger = new Node[LEVELS];

    private long random = 0x9E3779B97F4A7C15L;

    RowSkipList() {
        Arrays.fill(finger, start);
    }

    /**
     * By the writer. Whoever begins to read afterwards finds the row.
     *
     * @throws IllegalArgumentException if there is a row of that key
     */
    void add(EncodedRow row) {
        Node node = new Node(row, randomLevels());
        moveFinger(node);
        Node following = finger[0].next(0);
        if (following != null && node.compareTo(following) == 0) {
            throw new IllegalArgumentException("key: there already (expected: each version of a row once)");
        }
        int levels = node.levels();
        for (int level = 0; level < levels; level++) {
            node.initNext(level, finger[level].next(level));
        }
        // The lowest level first: a node that is found from above can be walked on from.
        for (int level = 0; level < levels; level++) {
            finger[level].publishNext(level, node);
            finger[level] = node;
        }
    }

    /** To the last nodes before that one. */
    private void moveFinger(Node node) {
        int level = LEVELS;
        Node at = start;
        if (finger[0] != start && finger[0].compareTo(node) < 0) {
            // Where nothing lies between on a level, nothing does above it either.
            level = 0;
            while (level < LEVELS && isBefore(finger[level].next(level), node)) {
                level++;
            }
            at = finger[Math.max(0, level - 1)];
        }
        while (--level >= 0) {
            Node next = at.next(level);
            while (next != null && next.compareTo(node) < 0) {
                at = next;
                next = at.next(level);
            }
            finger[level] = at;
        }
    }

    private static boolean isBefore(@Nullable Node one, Node other) {
        return one != null && one.compareTo(other) < 0;
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
        Node found = firstFrom(key);
        return found != null && found.isSameRow(key) ? found.row : null;
    }

    /** The last row before the key; null as key: the last of all. */
    @Nullable EncodedRow lower(byte @Nullable [] key) {
        Node found = key == null ? last() : lastBefore(key);
        return found == start ? null : found.row;
    }

    /** The rows from a key on, those included that are added meanwhile. */
    RowCursor ascending(byte @Nullable [] from) {
        return new Ascending(from == null ? start.next(0) : firstFrom(from));
    }

    /** That next node which was compared: asked again, the one before could have a newer one, which is not behind the key. */
    private @Nullable Node firstFrom(byte[] key) {
        long high = head(key, 0);
        long low = head(key, Long.BYTES);
        Node at = start;
        Node next = null;
        for (int level = LEVELS - 1; level >= 0; level--) {
            next = at.next(level);
            while (next != null && next.compareTo(high, low, key) < 0) {
                at = next;
                next = at.next(level);
            }
        }
        return next;
    }

    private Node lastBefore(byte[] key) {
        long high = head(key, 0);
        long low = head(key, Long.BYTES);
        Node at = start;
        for (int level = LEVELS - 1; level >= 0; level--) {
            Node next = at.next(level);
            while (next != null && next.compareTo(high, low, key) < 0) {
                at = next;
                next = at.next(level);
            }
        }
        return at;
    }

    private Node last() {
        Node at = start;
        for (int level = LEVELS - 1; level >= 0; level--) {
            for (Node next = at.next(level); next != null; next = at.next(level)) {
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

    private static final class Node {
        private static final Node[] NONE = {};

        private final long high;
        private final long low;
        private final EncodedRow row;
        private final @Nullable Node[] above;

        @SuppressWarnings("unused") // by its handle
        private @Nullable Node next;

        private Node(EncodedRow row, int levels) {
            this.row = row;
            this.high = head(row.key(), 0);
            this.low = head(row.key(), Long.BYTES);
            this.above = levels == 1 ? NONE : new Node[levels - 1];
        }

        private int levels() {
            return 1 + above.length;
        }

        private @Nullable Node next(int level) {
            return (Node) (level == 0 ? NEXT.getAcquire(this) : ABOVE.getAcquire(above, level - 1));
        }

        private void initNext(int level, @Nullable Node node) {
            if (level == 0) {
                next = node;
            } else {
                above[level - 1] = node;
            }
        }

        private void publishNext(int level, Node node) {
            if (level == 0) {
                NEXT.setRelease(this, node);
            } else {
                ABOVE.setRelease(above, level - 1, node);
            }
        }

        /** Looks at the row's own key, which is likely to be far away in memory, only when the head does not tell. */
        private boolean isSameRow(byte[] key) {
            if (key.length - Encoding.INDEX_BYTES >= HEAD_BYTES
                    && (high != Encoding.getLong(key, 0) || low != Encoding.getLong(key, Long.BYTES))) {
                return false;
            }
            return Encoding.isSameRow(row.key(), key);
        }

        private int compareTo(Node other) {
            return compareTo(other.high, other.low, other.row.key());
        }

        private int compareTo(long otherHigh, long otherLow, byte[] otherKey) {
            if (high != otherHigh) {
                return Long.compareUnsigned(high, otherHigh);
            }
            if (low != otherLow) {
                return Long.compareUnsigned(low, otherLow);
            }
            byte[] key = row.key();
            int from = Math.min(HEAD_BYTES, Math.min(key.length, otherKey.length));
            return Arrays.compareUnsigned(key, from, key.length, otherKey, from, otherKey.length);
        }
    }

    private static final class Ascending implements RowCursor {
        private @Nullable Node upcoming;

        private Ascending(@Nullable Node first) {
            this.upcoming = first;
        }

        @Override
        public @Nullable EncodedRow next() {
            Node node = upcoming;
            if (node == null) {
                return null;
            }
            upcoming = node.next(0);
            return node.row;
        }
    }
}
