// SPDX-License-Identifier: Apache-2.0
package io.tidemark.benchmarks;

import com.google.protobuf.ByteString;
import io.tidemark.store.LogTime;
import io.tidemark.store.proto.v1.Command;
import io.tidemark.store.proto.v1.Entry;
import io.tidemark.store.proto.v1.RequestIdentity;
import io.tidemark.store.proto.v1.WriteCommand;
import io.tidemark.store.transition.Transition;
import java.nio.charset.StandardCharsets;
import java.util.SplittableRandom;

/**
 * The bytes of entries as a leader groups them: puts of callers, each of one row and under a request id of its own, which looks
 * like a UUID. Made by patching a pattern, so that making them costs next to nothing beside applying them.
 */
final class GroupedPuts {
    private static final String ID = "00000000-0000-4000-8000-000000000000";
    private static final byte[] HEX = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);
    private static final int KEY_BYTES = 16;

    /** A varint of five bytes whatever the number, and one that is no part of anything else in the pattern. */
    private static final long INDEX = 0x7_5A5A_5A5AL;

    private final byte[] pattern;
    private final int idAt;
    private final int indexAt;
    private final int keyAt;
    private final int valueAt;
    private final int valueBytes;
    private final int rows;
    private final SplittableRandom random;

    GroupedPuts(int rows, int valueBytes, long seed) {
        this.rows = rows;
        this.valueBytes = valueBytes;
        this.random = new SplittableRandom(seed);
        byte[] key = "k".repeat(KEY_BYTES).getBytes(StandardCharsets.US_ASCII);
        byte[] value = "v".repeat(valueBytes).getBytes(StandardCharsets.US_ASCII);
        this.pattern = Entry.newBuilder()
                .addCommands(Command.newBuilder()
                        .setWrite(WriteCommand.newBuilder()
                                .setIdentity(RequestIdentity.newBuilder()
                                        .setRequestId(ID)
                                        .setFirstSentIndex(INDEX))
                                .setCommit(StoreFixture.commit(StoreFixture.put(key, value)))))
                .build()
                .toByteArray();
        this.idAt = place(ID.getBytes(StandardCharsets.US_ASCII));
        this.indexAt = idAt + ID.length() + 1;
        this.keyAt = place(key);
        this.valueAt = place(value);
    }

    private int place(byte[] part) {
        String text = new String(pattern, StandardCharsets.ISO_8859_1);
        return text.indexOf(new String(part, StandardCharsets.ISO_8859_1));
    }

    /** Of random rows. */
    ByteString random(int puts, long appliedIndex, LogTime now) {
        byte[] head = head(now);
        byte[] entry = new byte[head.length + puts * pattern.length];
        System.arraycopy(head, 0, entry, 0, head.length);
        for (int i = 0; i < puts; i++) {
            put(entry, head.length + i * pattern.length, random.nextInt(rows), appliedIndex);
        }
        return ByteString.copyFrom(entry);
    }

    /** Of the rows from a number on. */
    ByteString inOrder(int from, int puts, long appliedIndex, LogTime now) {
        byte[] head = head(now);
        byte[] entry = new byte[head.length + puts * pattern.length];
        System.arraycopy(head, 0, entry, 0, head.length);
        for (int i = 0; i < puts; i++) {
            put(entry, head.length + i * pattern.length, from + i, appliedIndex);
        }
        return ByteString.copyFrom(entry);
    }

    private static byte[] head(LogTime now) {
        return Entry.newBuilder()
                .setTransitionVersion(Transition.VERSION_FIRST)
                .setLeaderTime(now.toTimestamp())
                .build()
                .toByteArray();
    }

    private void put(byte[] entry, int at, int row, long appliedIndex) {
        System.arraycopy(pattern, 0, entry, at, pattern.length);
        id(entry, at + idAt);
        index(entry, at + indexAt, appliedIndex);
        hex(entry, at + keyAt, KEY_BYTES, scattered(row));
        for (int i = 0; i < valueBytes; i += Long.BYTES) {
            long noise = random.nextLong();
            for (int j = i; j < Math.min(valueBytes, i + Long.BYTES); j++) {
                entry[at + valueAt + j] = (byte) (noise >>> (Byte.SIZE * (j - i)));
            }
        }
    }

    private void id(byte[] entry, int at) {
        hex(entry, at, 8, random.nextLong());
        hex(entry, at + 9, 4, random.nextLong());
        hex(entry, at + 15, 3, random.nextLong());
        hex(entry, at + 20, 3, random.nextLong());
        hex(entry, at + 24, 12, random.nextLong());
    }

    private static void hex(byte[] entry, int at, int digits, long number) {
        for (int i = 0; i < digits; i++) {
            entry[at + i] = HEX[(int) (number >>> (4 * i)) & 15];
        }
    }

    /** Five bytes, the last of which may be zero: longer than need be, and read as the same number. */
    private static void index(byte[] entry, int at, long index) {
        for (int i = 0; i < 5; i++) {
            entry[at + i] = (byte) (((index >>> (7 * i)) & 0x7F) | (i < 4 ? 0x80 : 0));
        }
    }

    /** One to one. */
    private static long scattered(int row) {
        long mixed = (row + 0x9E3779B97F4A7C15L) * 0xBF58476D1CE4E5B9L;
        return mixed ^ (mixed >>> 32);
    }
}
