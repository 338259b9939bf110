// SPDX-License-Identifier: Apache-2.0
package io.tidemark.store.transition;

import io.tidemark.store.proto.v1.ReplicaRecord;
import java.util.Collection;
import java.util.Collections;
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
