// SPDX-License-Identifier: Apache-2.0
package io.tidemark.store.engine;

import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/**
 * A table's rows in a range. A value above the chunk size lies in several entries, in order of the chunk number. Moves on
 * only when asked: damage behind a row does not keep the row back.
 */
final class TableCursor implements RowCursor {
    private final TablePlace place;
    private final Direction direction;
    private final byte @Nullable [] bound;
    private final String file;
    private boolean fresh = true;
    private boolean more;

    private TableCursor(TablePlace place, Direction direction, byte @Nullable [] bound, String file, boolean more) {
        this.place = place;
        this.direction = direction;
        this.bound = bound;
        this.file = file;
        this.more = more;
    }

    /** Rows from the place on, ascending. */
    static TableCursor from(TablePlace place, byte @Nullable [] to, String file) {
        return new TableCursor(place, Direction.ASCENDING, to, file, true);
    }

    /** Rows of {@code [from, to)}; a null bound is open. */
    static TableCursor of(
            TablePlace place,
            PageIndex index,
            byte @Nullable [] from,
            byte @Nullable [] to,
            Direction direction,
            String file) {
        if (direction == Direction.ASCENDING) {
            boolean found = true;
            if (from == null) {
                place.moveToFirst();
            } else {
                found = place.seek(from, index);
            }
            return new TableCursor(place, direction, to, file, found);
        }
        boolean found = true;
        if (to != null && place.seek(to, index)) {
            found = place.previous();
        } else {
            place.moveToLast();
        }
        return new TableCursor(place, direction, from, file, found);
    }

    @Override
    public @Nullable EncodedRow next() {
        if (!fresh) {
            more = more && move();
        }
        fresh = false;
        more = more && inRange();
        if (!more) {
            return null;
        }
        byte[] rowKey = place.rowKey();
        byte flag = place.flag();
        return switch (flag) {
            case TableWriter.WHOLE -> place.row(rowKey);
            case TableWriter.TOMBSTONE -> new EncodedRow(rowKey, true, EncodedRow.NO_BYTES);
            case TableWriter.FIRST_CHUNK, TableWriter.NEXT_CHUNK -> joined(rowKey);
            default -> throw new CorruptionException(file, -1, "row flag: " + flag);
        };
    }

    private boolean move() {
        return direction == Direction.ASCENDING ? place.next() : place.previous();
    }

    private boolean inRange() {
        if (bound == null) {
            return true;
        }
        int beside = place.compare(bound);
        return direction == Direction.ASCENDING ? beside > 0 : beside <= 0;
    }

    private EncodedRow joined(byte[] rowKey) {
        Deque<byte[]> chunks = new ArrayDeque<>();
        int number = place.chunk();
        int remaining = direction == Direction.ASCENDING ? chunkCount(number) - 1 : number;
        while (true) {
            if (!place.isOfRow(rowKey, rowKey.length) || place.chunk() != number) {
                throw new CorruptionException(file, -1, "chunks of a value are not in sequence");
            }
            if (direction == Direction.ASCENDING) {
                chunks.addLast(place.value(0));
                number++;
            } else {
                chunks.addFirst(place.value(0));
                number--;
            }
            if (remaining-- == 0) {
                break;
            }
            if (!move()) {
                throw new CorruptionException(file, -1, "a value ends early");
            }
        }
        return new EncodedRow(rowKey, false, concatenated(chunks));
    }

    private int chunkCount(int number) {
        byte[] value = place.value(0);
        if (value[0] != TableWriter.FIRST_CHUNK || number != 0) {
            throw new CorruptionException(file, -1, "a value lacks its first chunk");
        }
        return countIn(value);
    }

    private static int countIn(byte[] firstChunk) {
        return ((firstChunk[1] & 0xFF) << 8) | (firstChunk[2] & 0xFF);
    }

    private byte[] concatenated(Deque<byte[]> chunks) {
        byte[] first = chunks.getFirst();
        if (first[0] != TableWriter.FIRST_CHUNK || countIn(first) != chunks.size()) {
            throw new CorruptionException(
                    file, -1, "chunks: " + chunks.size() + " (expected: what the first one says)");
        }
        byte[] value =
                new byte[chunks.stream().mapToInt(chunk -> chunk.length - 1).sum() - 2];
        int at = 0;
        for (byte[] chunk : chunks) {
            int head = chunk[0] == TableWriter.FIRST_CHUNK ? 3 : 1;
            System.arraycopy(chunk, head, value, at, chunk.length - head);
            at += chunk.length - head;
        }
        return value;
    }
}
