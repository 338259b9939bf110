// SPDX-License-Identifier: Apache-2.0
package io.tidemark.store.engine;

import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.Iterator;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Rows out of a table's entries: a value above the chunk size lies in several, in order of the chunk number. */
final class ChunkCursor implements RowCursor {
    private final Iterator<? extends Map.Entry<byte[], byte[]>> entries;
    private final Direction direction;
    private final String file;

    ChunkCursor(Iterator<? extends Map.Entry<byte[], byte[]>> entries, Direction direction, String file) {
        this.entries = entries;
        this.direction = direction;
        this.file = file;
    }

    @Override
    public @Nullable EncodedRow next() {
        if (!entries.hasNext()) {
            return null;
        }
        Map.Entry<byte[], byte[]> entry = entries.next();
        byte[] rowKey = Encoding.rowKeyOf(entry.getKey());
        byte[] value = entry.getValue();
        return switch (value[0]) {
            case TableWriter.WHOLE -> new EncodedRow(rowKey, false, Arrays.copyOfRange(value, 1, value.length));
            case TableWriter.TOMBSTONE -> new EncodedRow(rowKey, true, EncodedRow.NO_BYTES);
            case TableWriter.FIRST_CHUNK, TableWriter.NEXT_CHUNK -> joined(rowKey, entry);
            default -> throw new CorruptionException(file, -1, "row flag: " + value[0]);
        };
    }

    private EncodedRow joined(byte[] rowKey, Map.Entry<byte[], byte[]> start) {
        Deque<byte[]> chunks = new ArrayDeque<>();
        Map.Entry<byte[], byte[]> entry = start;
        int number = Encoding.chunk(start.getKey());
        int remaining = direction == Direction.ASCENDING ? chunkCount(start) - 1 : number;
        while (true) {
            if (!Encoding.hasPrefix(entry.getKey(), rowKey) || Encoding.chunk(entry.getKey()) != number) {
                throw new CorruptionException(file, -1, "chunks of a value are not in sequence");
            }
            if (direction == Direction.ASCENDING) {
                chunks.addLast(entry.getValue());
                number++;
            } else {
                chunks.addFirst(entry.getValue());
                number--;
            }
            if (remaining-- == 0) {
                break;
            }
            if (!entries.hasNext()) {
                throw new CorruptionException(file, -1, "a value ends early");
            }
            entry = entries.next();
        }
        return new EncodedRow(rowKey, false, concatenated(chunks));
    }

    private int chunkCount(Map.Entry<byte[], byte[]> first) {
        byte[] value = first.getValue();
        if (value[0] != TableWriter.FIRST_CHUNK || Encoding.chunk(first.getKey()) != 0) {
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
