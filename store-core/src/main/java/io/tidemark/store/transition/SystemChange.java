// SPDX-License-Identifier: Apache-2.0
package io.tidemark.store.transition;

import io.tidemark.proto.v1.StoreSettings;
import io.tidemark.proto.v1.Table;
import io.tidemark.store.proto.v1.ReplicaRecord;

/** What a commit changed beside rows. */
public sealed interface SystemChange {

    /** The table is now this; {@code created}: it is new. */
    record TableChanged(Table table, boolean created) implements SystemChange {}

    /** The last row of a dropped table is gone, and its name is free. */
    record TableRemoved(String table) implements SystemChange {}

    /** The oldest index that can be read from now on. */
    record HorizonRaised(long horizon) implements SystemChange {}

    record VersionRaised(int transitionVersion) implements SystemChange {}

    record SettingsChanged(StoreSettings settings) implements SystemChange {}

    /** What only nodes keep: replicas are not told, for they learn from the topology what it means for them. */
    sealed interface OfNodes extends SystemChange {}

    /** A replica is registered, and is now this. */
    record ReplicaChanged(ReplicaRecord replica) implements OfNodes {}

    /** A replica is forgotten. */
    record ReplicaRemoved(String replicaId) implements OfNodes {}
}
