// SPDX-License-Identifier: Apache-2.0
package io.tidemark.node.consensus;

import io.tidemark.store.state.PinnedStore;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import org.apache.ratis.server.storage.RaftStorage;
import org.apache.ratis.statemachine.SnapshotRetentionPolicy;
import org.apache.ratis.statemachine.StateMachineStorage;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The checkpoints that may be sent to a node that fell behind: the newest, and the one before it for who has just asked. Ratis asks
 * for the newest with every message to a follower, so that is a field.
 */
final class Snapshots implements StateMachineStorage {

    private static final Logger LOG = LoggerFactory.getLogger(Snapshots.class);

    /** How many checkpoints after its own an export lives, for a transfer that is under way. */
    private static final int EXPORTS_KEPT = 8;

    private final Deque<CheckpointSnapshot> previous = new ArrayDeque<>();
    private volatile @Nullable CheckpointSnapshot latest;

    /** Publishes a newer checkpoint; takes the pin over. */
    synchronized void publish(PinnedStore pinned, Path parent) {
        if (RaftPosition.decode(pinned.checkpoint().position()) == null) {
            pinned.close();
            return;
        }
        CheckpointSnapshot next = new CheckpointSnapshot(pinned, parent);
        CheckpointSnapshot before = latest;
        if (before != null && next.getIndex() <= before.getIndex()) {
            next.close();
            return;
        }
        latest = next;
        if (before != null) {
            previous.forEach(CheckpointSnapshot::close);
            previous.addFirst(before);
        }
        while (previous.size() > EXPORTS_KEPT) {
            drop(previous.removeLast());
        }
    }

    /** Lets go of all, as when the store is replaced. */
    synchronized void clear() {
        CheckpointSnapshot before = latest;
        latest = null;
        if (before != null) {
            previous.addFirst(before);
        }
        while (!previous.isEmpty()) {
            drop(previous.removeLast());
        }
    }

    private static void drop(CheckpointSnapshot snapshot) {
        snapshot.close();
        try {
            snapshot.deleteExport();
        } catch (IOException e) {
            LOG.warn("export of the {} cannot be deleted; the next start does it", snapshot, e);
        }
    }

    @Override
    public @Nullable CheckpointSnapshot getLatestSnapshot() {
        return latest;
    }

    @Override
    public void init(RaftStorage raftStorage) {}

    @Override
    public void format() {}

    @Override
    public void cleanupOldSnapshots(SnapshotRetentionPolicy policy) {}
}
