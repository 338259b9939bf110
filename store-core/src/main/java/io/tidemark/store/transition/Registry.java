// SPDX-License-Identifier: Apache-2.0
package io.tidemark.store.transition;

import io.tidemark.api.ErrorMetadata;
import io.tidemark.proto.v1.ErrorReason;
import io.tidemark.store.Refusal;
import io.tidemark.store.RefusedException;
import io.tidemark.store.proto.v1.ReplicaRecord;
import io.tidemark.store.validate.ReplicaRules;
import java.util.Collection;
import java.util.Collections;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The replicas that are registered. Immutable; small, and changed rarely, so that every change makes a new one.
 *
 * @param index that of the commit that changed it last; zero: none did
 * @param byId by their ids, in the order of these
 */
public record Registry(long index, NavigableMap<String, ReplicaRecord> byId) {

    /** With nobody in it. */
    public static final Registry EMPTY = new Registry(0, new TreeMap<>());

    public Registry {
        byId = Collections.unmodifiableNavigableMap(new TreeMap<>(byId));
    }

    /** Null: no replica of that id is registered. */
    public @Nullable ReplicaRecord get(String replicaId) {
        return byId.get(replicaId);
    }

    /** In the order of their ids. */
    public Collection<ReplicaRecord> replicas() {
        return byId.values();
    }

    /**
     * Throws unless the replica may be registered, anew or again.
     *
     * @param replicasMax how many there may be
     */
    public void requireRoomFor(ReplicaRecord asked, int replicasMax) {
        ReplicaRules.require(asked);
        ReplicaRecord known = byId.get(asked.getReplicaId());
        if (known == null) {
            if (byId.size() >= replicasMax) {
                throw Refusal.tooLarge("replicas with " + asked.getReplicaId(), byId.size() + 1, replicasMax)
                        .toException();
            }
        } else if (!known.getLost() && !known.getDiskId().equals(asked.getDiskId())) {
            throw otherDisk(known, asked);
        }
    }

    private static RefusedException otherDisk(ReplicaRecord known, ReplicaRecord asked) {
        return Refusal.of(
                        ErrorReason.ERROR_REASON_MEMBER_EXISTS,
                        "replica " + known.getReplicaId() + " is registered with disk " + known.getDiskId()
                                + " (expected: disk " + asked.getDiskId()
                                + "). If that disk is gone, this one takes its place once the replica is lost or removed; if"
                                + " two replicas run, give one of them a name of its own",
                        Map.of(
                                ErrorMetadata.SERVER_ID, known.getReplicaId(),
                                ErrorMetadata.ASKED_DISK_ID, asked.getDiskId(),
                                ErrorMetadata.ACTUAL_DISK_ID, known.getDiskId()))
                .toException();
    }

    /** As a commit left it; the same object if the commit left it as it was. */
    public Registry after(Commit commit) {
        TreeMap<String, ReplicaRecord> changed = null;
        for (SystemChange change : commit.systemChanges()) {
            if (change instanceof SystemChange.OfNodes ofNodes) {
                changed = changed == null ? new TreeMap<>(byId) : changed;
                if (ofNodes instanceof SystemChange.ReplicaChanged replica) {
                    changed.put(replica.replica().getReplicaId(), replica.replica());
                } else if (ofNodes instanceof SystemChange.ReplicaRemoved removed) {
                    changed.remove(removed.replicaId());
                }
            }
        }
        return changed == null ? this : new Registry(commit.index(), changed);
    }
}
