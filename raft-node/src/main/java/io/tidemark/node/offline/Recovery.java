// SPDX-License-Identifier: Apache-2.0
package io.tidemark.node.offline;

import io.tidemark.api.HistoryId;
import io.tidemark.node.consensus.OfflineNode;
import io.tidemark.server.process.StartException;
import io.tidemark.store.LogTime;
import io.tidemark.store.state.Backup;
import io.tidemark.store.state.Store;
import java.io.IOException;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.nio.file.Path;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/**
 * Makes the first node of a new cluster out of one node's data directory, when the old cluster has lost its majority for good. The
 * node must be stopped; its directory stays as it is, and the new one takes up to twice the room of the old meanwhile.
 *
 * <p>All entries of the node's log are applied, also those that the node never knew to be committed: a leader that was lost may have
 * acknowledged them with the help of another node that was lost. So a write that nobody acknowledged may appear; one that was
 * acknowledged is only missing if it never reached this node. Recover the node whose log is furthest.
 */
public final class Recovery {

    private static final int PIPE_BYTES = 1 << 20;

    private Recovery() {}

    /**
     * What was recovered.
     *
     * @param oldHistory that of the old cluster, at whose index the new one begins
     * @param clusterId that of the new cluster, another than the old one's
     * @param index the last commit recovered
     * @param log what was read of the node's log
     */
    public record Recovered(
            String oldCluster,
            String oldNode,
            HistoryId oldHistory,
            String clusterId,
            HistoryId history,
            long index,
            LogTime logTime,
            OfflineNode.Replayed log) {

        /** The same in words. */
        public String describe() {
            return "recovered node " + oldNode + " of cluster " + oldCluster + ": index " + index + " of history "
                    + oldHistory + ", log time " + logTime.seconds() + "." + String.format("%09d", logTime.nanos())
                    + " s; the last entry of its log is Raft index " + log.raftIndex() + " of term " + log.raftTerm()
                    + ", "
                    + log.entries() + " entries behind its checkpoint at Raft index " + log.checkpointRaftIndex()
                    + (log.damage().isEmpty() ? "" : "; the log ends early: " + log.damage())
                    + ". Whatever other nodes acknowledged after that is lost. The new history is " + history + ".";
        }
    }

    /**
     * Recovers a node. If this throws, the new directory is of no use and is to be deleted.
     *
     * @throws StartException if the source is not a stopped node's, a majority outvoted it, its log does not fit its store, or the target is not empty
     */
    public static Recovered run(Path source, NewNode target, OfflineListener listener) throws IOException {
        if (target.directory()
                .toAbsolutePath()
                .normalize()
                .startsWith(source.toAbsolutePath().normalize())) {
            throw new StartException(
                    target.directory() + " lies in " + source + " (expected: elsewhere, for nothing is written there)");
        }
        OfflineNode.requireNotOutvoted(source);
        NewStore store = NewStore.begin(target);
        OfflineNode node = OfflineNode.copyOf(source, store.scratch());
        listener.copied();
        Recovered recovered = recover(node, store, target, listener);
        store.end();
        return recovered;
    }

    private static Recovered recover(OfflineNode node, NewStore store, NewNode target, OfflineListener listener)
            throws IOException {
        try (Store old = node.openStore(target.store())) {
            OfflineNode.Replayed replayed = node.replay(old, listener::replayed);
            RestoreFromBackup.Restored restored = transfer(old, store, listener);
            return new Recovered(
                    node.clusterId(),
                    node.nodeId(),
                    old.history(),
                    restored.clusterId(),
                    restored.history(),
                    restored.index(),
                    restored.logTime(),
                    replayed);
        }
    }

    /** As by a backup and its restore, so that the new store is whole and proven by digests, and has nothing of the old history. */
    private static RestoreFromBackup.Restored transfer(Store old, NewStore store, OfflineListener listener)
            throws IOException {
        try (Backup.Source backup = old.backup()) {
            PipedOutputStream out = new PipedOutputStream();
            FutureTask<Boolean> writing = new FutureTask<>(() -> {
                try (out) {
                    backup.write(out, Backup.Place.START, (place, estimated) -> {});
                }
                return true;
            });
            Thread writer = new Thread(writing, "tidemark-recovery");
            writer.setDaemon(true);
            try (PipedInputStream in = new PipedInputStream(out, PIPE_BYTES)) {
                writer.start();
                RestoreFromBackup.Restored restored = store.fill(in, listener);
                requireDone(writing);
                return restored;
            } catch (IOException | RuntimeException e) {
                // The pipe is closed, which ends the writer.
                join(writer);
                addFailure(writing, e);
                throw e;
            }
        }
    }

    private static void requireDone(FutureTask<Boolean> writing) throws IOException {
        try {
            boolean unused = writing.get();
        } catch (ExecutionException e) {
            throw new IOException("the old store could not be read", e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }

    private static void addFailure(FutureTask<Boolean> writing, Exception failure) {
        try {
            if (writing.isDone()) {
                boolean unused = writing.get();
            }
        } catch (ExecutionException e) {
            failure.addSuppressed(e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void join(Thread thread) {
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
