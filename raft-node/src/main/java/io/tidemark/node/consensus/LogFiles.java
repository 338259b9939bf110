// SPDX-License-Identifier: Apache-2.0
package io.tidemark.node.consensus;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Consumer;
import org.apache.ratis.proto.RaftProtos.LogEntryProto;
import org.apache.ratis.server.RaftServerConfigKeys.Log.CorruptionPolicy;
import org.apache.ratis.server.raftlog.segmented.LogSegment;
import org.apache.ratis.server.raftlog.segmented.LogSegmentPath;
import org.apache.ratis.util.SizeInBytes;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The files of a log that nobody writes just now. */
final class LogFiles {

    private static final Logger LOG = LoggerFactory.getLogger(LogFiles.class);

    private LogFiles() {}

    /** In the order of their entries. */
    static List<LogSegmentPath> in(Path directory) throws IOException {
        List<LogSegmentPath> segments = new ArrayList<>();
        for (Path file : Disk.children(directory)) {
            LogSegmentPath segment = LogSegmentPath.matchLogSegment(file);
            if (segment != null) {
                segments.add(segment);
            }
        }
        segments.sort(Comparator.comparing(LogSegmentPath::getStartEnd));
        return segments;
    }

    /** The last file, which alone may be torn at its end by a crash. */
    static boolean isOpen(LogSegmentPath segment) {
        return String.valueOf(segment.getPath().getFileName()).contains("inprogress");
    }

    /** The Raft index of the first entry that the file is for: "log_12-40", "log_inprogress_41". */
    static long firstIndex(LogSegmentPath segment) {
        String name = String.valueOf(segment.getPath().getFileName());
        String range = name.substring(name.lastIndexOf('_') + 1);
        int end = range.indexOf('-');
        return Long.parseLong(end < 0 ? range : range.substring(0, end));
    }

    static void read(LogSegmentPath segment, Consumer<LogEntryProto> entries) throws IOException {
        int unused = LogSegment.readSegmentFile(
                segment.getPath().toFile(),
                segment.getStartEnd(),
                SizeInBytes.valueOf(ConsensusProperties.BUFFER_BYTES),
                CorruptionPolicy.EXCEPTION,
                null,
                entries);
    }

    /**
     * Drops a log that ends before a checkpoint, as a crash while one is installed leaves it. Ratis would keep the file it was
     * writing to and then never take an entry again, for a gap.
     */
    static void dropBefore(Path directory, long checkpoint) throws IOException {
        List<LogSegmentPath> segments = in(directory);
        if (segments.isEmpty()) {
            return;
        }
        long[] last = {-1};
        LogSegmentPath newest = segments.get(segments.size() - 1);
        try {
            read(newest, entry -> last[0] = entry.getIndex());
        } catch (IOException e) {
            // Whatever lies behind the damage may have been acknowledged, so it stays; Ratis says what it can do with
            // it.
            LOG.warn("the log cannot be read behind Raft index {}", last[0], e);
            return;
        }
        if (last[0] >= 0 && last[0] < checkpoint) {
            LOG.info("the log ends at Raft index {}, before the checkpoint at {}: it is dropped", last[0], checkpoint);
            for (LogSegmentPath segment : segments) {
                Files.delete(segment.getPath());
            }
            Disk.sync(directory);
        }
    }
}
