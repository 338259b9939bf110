// SPDX-License-Identifier: Apache-2.0
package io.tidemark.node.consensus;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
import java.util.zip.CRC32C;
import org.apache.ratis.proto.RaftProtos.LogEntryProto;
import org.apache.ratis.server.raftlog.segmented.LogSegmentPath;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a power cut leaves of the write that was under way. Ratis allots a log's file in zeros and writes into them, so some parts of an
 * entry may have reached the disk and others still be zeros; it takes that for damage and never starts again. No such entry was synced,
 * so none of them was acknowledged, and they can go.
 *
 * <p>Damage of what had been synced must not be taken for that. It is a tear only if it is in the file that was written to, one of
 * the sectors of the entry is zero, and no sound entry lies behind it.
 */
final class TornLogEnd {

    private static final Logger LOG = LoggerFactory.getLogger(TornLogEnd.class);

    /** No disk writes a part of it. */
    private static final int SECTOR = 512;

    private static final String HEADER = "RaftLog1";
    private static final int LENGTH_MAX = 5;
    private static final int CHECKSUM = Integer.BYTES;

    /** An entry's first field is its term, which is never 0. */
    private static final byte TERM_TAG = LogEntryProto.TERM_FIELD_NUMBER << 3;

    private final byte[] file;
    private final int lastByte;

    private TornLogEnd(byte[] file) {
        this.file = file;
        int last = file.length - 1;
        while (last >= 0 && file[last] == 0) {
            last--;
        }
        this.lastByte = last;
    }

    /**
     * Cuts it off the last file of a log.
     *
     * @param copy where what is cut off is kept
     */
    static void cut(Path directory, Path copy) throws IOException {
        List<LogSegmentPath> segments = LogFiles.in(directory);
        if (segments.isEmpty() || !LogFiles.isOpen(segments.get(segments.size() - 1))) {
            return;
        }
        Path newest = segments.get(segments.size() - 1).getPath();
        TornLogEnd log = new TornLogEnd(Files.readAllBytes(newest));
        int tear = log.tear();
        if (tear < 0) {
            return;
        }
        int end = log.lastByte + 1;
        Files.write(copy, Arrays.copyOfRange(log.file, tear, end));
        Disk.sync(copy);
        try (FileChannel channel = FileChannel.open(newest, StandardOpenOption.WRITE)) {
            channel.truncate(tear);
            channel.force(true);
        }
        LOG.warn(
                "the log's last write was torn by a crash: {} bytes from byte {} of {} on are dropped, of which nothing was"
                        + " acknowledged; they are kept in {}",
                end - tear,
                tear,
                newest,
                copy);
    }

    /** Where it begins; -1: there is none, or it is damage of another kind. */
    private int tear() {
        if (!new String(file, 0, Math.min(HEADER.length(), file.length), StandardCharsets.US_ASCII).equals(HEADER)) {
            return -1;
        }
        int place = HEADER.length();
        int end = place;
        while (end >= 0) {
            place = end;
            end = soundEnd(place);
        }
        return place <= lastByte && hasZeroSector(place) && !isFollowed(place) ? place : -1;
    }

    /** Where an entry ends that begins there; -1: there is none that is sound. Its length is before it, its checksum behind it. */
    private int soundEnd(int place) {
        int body = body(place);
        int end = claimedEnd(place);
        if (body < 0 || end > file.length || file[body] != TERM_TAG) {
            return -1;
        }
        CRC32C sum = new CRC32C();
        sum.update(file, place, end - CHECKSUM - place);
        return (int) sum.getValue() == ByteBuffer.wrap(file).getInt(end - CHECKSUM) ? end : -1;
    }

    /** Where an entry says that it ends; -1: it says nothing that can be. */
    private int claimedEnd(int place) {
        int body = body(place);
        int length = 0;
        for (int at = place, shift = 0; at < body; at++, shift += 7) {
            length |= (file[at] & 0x7f) << shift;
        }
        return body < 0 || length <= 0 || length > ConsensusProperties.BUFFER_BYTES ? -1 : body + length + CHECKSUM;
    }

    /** Where an entry begins whose length is there; -1: no length is. */
    private int body(int place) {
        for (int at = place; at < Math.min(place + LENGTH_MAX, file.length - 1); at++) {
            if (file[at] >= 0) {
                return at + 1;
            }
        }
        return -1;
    }

    /** Whether a sector, or what the entry has of it, is nothing but zeros. */
    private boolean hasZeroSector(int place) {
        int end = Math.min(Math.max(claimedEnd(place), lastByte + 1), file.length);
        boolean zero = true;
        for (int at = place; at < end; at++) {
            zero &= file[at] == 0;
            if ((at + 1) % SECTOR == 0 || at + 1 == end) {
                if (zero) {
                    return true;
                }
                zero = true;
            }
        }
        return false;
    }

    private boolean isFollowed(int place) {
        for (int at = place + 1; at <= lastByte; at++) {
            if (soundEnd(at) >= 0) {
                return true;
            }
        }
        return false;
    }
}
