// SPDX-License-Identifier: Apache-2.0
package io.tidemark.node.consensus;

import io.tidemark.server.process.StartException;
import io.tidemark.store.proto.v1.Entry;
import io.tidemark.store.state.Store;
import io.tidemark.store.state.StoreOptions;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.UUID;
import org.apache.ratis.proto.RaftProtos.LogEntryProto;
import org.apache.ratis.server.protocol.TermIndex;
import org.apache.ratis.server.raftlog.segmented.LogSegmentPath;
import org.jspecify.annotations.Nullable;

/**
 * What a stopped node's data directory holds, without taking part in any group. It is copied first, and the copy is worked on: nothing
 * in the directory itself is written, renamed or deleted. Give it to one thread.
 */
public final class OfflineNode {

    private final NodeIdentity identity;
    private final Path copy;

    private OfflineNode(NodeIdentity identity, Path copy) {
        this.identity = identity;
        this.copy = copy;
    }

    /**
     * What was read of the log.
     *
     * @param checkpointRaftIndex the Raft index that the store was opened at; -1: none had been applied
     * @param raftTerm of the last entry
     * @param raftIndex of the last entry; -1: there was none
     * @param entries how many entries lay behind the checkpoint, those included that are not for the store
     * @param damage what ended the reading of the last file before its end, as a crash in the middle of a write does; empty: nothing
     */
    public record Replayed(long checkpointRaftIndex, long raftTerm, long raftIndex, long entries, String damage) {}

    /** Is told of each entry applied; may throw to end it. */
    public interface ReplayListener {
        void applied(long raftIndex, long storeIndex);
    }

    /**
     * Copies what a stopped node left.
     *
     * @param copy a directory that is made; the caller deletes it
     * @throws StartException if that is no node's directory, or the node is running
     */
    public static OfflineNode copyOf(Path directory, Path copy) {
        try {
            NodeIdentity identity = NodeIdentity.read(directory);
            UUID group = identity.group();
            requireUnused(NodeLayout.store(directory).resolve("LOCK"), directory);
            requireUnused(NodeLayout.group(directory, group).resolve("in_use.lock"), directory);
            for (Path part : List.of(
                    NodeLayout.store(directory),
                    NodeLayout.oldStore(directory),
                    NodeLayout.log(directory, group),
                    NodeLayout.received(directory, group))) {
                Disk.copyTree(part, copy.resolve(directory.relativize(part)));
            }
            return new OfflineNode(identity, copy);
        } catch (IOException e) {
            throw new StartException("data directory " + directory + " cannot be read: " + e, e);
        }
    }

    private static void requireUnused(Path lock, Path directory) throws IOException {
        if (!Files.exists(lock)) {
            return;
        }
        try (FileChannel channel = FileChannel.open(lock, StandardOpenOption.WRITE);
                FileLock held = channel.tryLock()) {
            if (held != null) {
                return;
            }
        } catch (OverlappingFileLockException inThisProcess) {
            // The same as if another process held it.
        }
        throw new StartException("data directory " + directory + " is in use (expected: that of a stopped node)");
    }

    /** The cluster that it was a node of. */
    public String clusterId() {
        return identity.clusterId();
    }

    /** The id that it had there. */
    public String nodeId() {
        return identity.nodeId();
    }

    /** Refuses a stopped node's directory whose rows a majority of the nodes did not have. */
    public static void requireNotOutvoted(Path directory) {
        OutvotedMark mark = OutvotedMark.in(directory);
        mark.read().ifPresent(what -> {
            throw new StartException(
                    "the store in " + directory + " is not to be built on, " + what + ". Recover another"
                            + " node. If this is the best that is left, or the mark is wrong, delete " + mark.file()
                            + " and repeat this");
        });
    }

    /** Opens the store at its newest checkpoint. To be closed by the caller. */
    public Store openStore(StoreOptions options) throws IOException {
        NodeStore stores = new NodeStore(copy, options);
        stores.open(NodeLayout.received(copy, identity.group()), NodeLayout.log(copy, identity.group()));
        Store store = stores.get();
        if (store == null) {
            throw new StartException("node " + nodeId() + " has no store: it joined and never had a checkpoint");
        }
        return store;
    }

    /**
     * Applies all entries of the log that lie behind the store, committed or not: what this node cannot know to be committed may have
     * been acknowledged all the same, by a leader that was lost.
     *
     * @throws StartException if the log does not go on where the store ends, or is damaged, or has an entry that this software does not
     *     know
     */
    public Replayed replay(Store store, ReplayListener listener) {
        Replay replay = new Replay(store, listener);
        try {
            for (LogSegmentPath segment : LogFiles.in(NodeLayout.log(copy, identity.group()))) {
                read(segment, replay);
            }
        } catch (IOException | IllegalStateException e) {
            throw new StartException(
                    "the log of node " + nodeId() + " cannot be read behind Raft index " + replay.raftIndex() + ": "
                            + e,
                    e);
        }
        return replay.end();
    }

    private static void read(LogSegmentPath segment, Replay replay) throws IOException {
        try {
            LogFiles.read(segment, replay::entry);
        } catch (IOException e) {
            // What is behind a tear this node never acknowledged.
            if (!LogFiles.isOpen(segment)) {
                throw e;
            }
            replay.damage = e.toString();
        }
    }

    /** One pass over the log, in its order. */
    private static final class Replay {
        private final Store store;
        private final ReplayListener listener;
        private final long checkpoint;
        private @Nullable TermIndex last;
        private long entries;
        private String damage = "";

        Replay(Store store, ReplayListener listener) {
            this.store = store;
            this.listener = listener;
            this.last = RaftPosition.decode(store.position());
            this.checkpoint = raftIndex();
        }

        long raftIndex() {
            TermIndex at = last;
            return at == null ? -1 : at.getIndex();
        }

        void entry(LogEntryProto logged) {
            if (logged.getIndex() <= raftIndex()) {
                return;
            }
            if (logged.getIndex() != raftIndex() + 1) {
                throw new StartException("the log goes on at Raft index " + logged.getIndex() + " (expected: at "
                        + (raftIndex() + 1) + ", behind what the store has)");
            }
            TermIndex at = TermIndex.valueOf(logged.getTerm(), logged.getIndex());
            if (logged.hasStateMachineLogEntry()) {
                apply(logged, at);
            } else {
                store.movePosition(RaftPosition.encode(at));
            }
            last = at;
            entries++;
            listener.applied(at.getIndex(), store.appliedIndex());
        }

        private void apply(LogEntryProto logged, TermIndex at) {
            try {
                Entry entry = Entry.parseFrom(
                        logged.getStateMachineLogEntry().getLogData().asReadOnlyByteBuffer());
                Object unused = store.apply(entry, RaftPosition.encode(at));
            } catch (IOException | RuntimeException e) {
                throw new StartException("entry " + at + " of the log cannot be applied: " + e, e);
            }
        }

        Replayed end() {
            TermIndex at = last;
            return new Replayed(checkpoint, at == null ? 0 : at.getTerm(), raftIndex(), entries, damage);
        }
    }
}
