// SPDX-License-Identifier: Apache-2.0
package io.tidemark.store.state;

import io.tidemark.store.engine.Cursor;
import io.tidemark.store.engine.Direction;
import io.tidemark.store.engine.RowVersion;
import io.tidemark.store.engine.View;
import io.tidemark.store.format.Keys;
import io.tidemark.store.format.Spaces;
import io.tidemark.store.proto.v1.ReplicaRecord;
import io.tidemark.store.transition.Commit;
import io.tidemark.store.transition.Registry;
import io.tidemark.store.transition.SystemChange;
import java.util.TreeMap;

/** Writes what commits change of the registry of replicas into a batch, and reads it back. */
final class RegistryWriter {

    private static final byte[] INDEX = Keys.text("registry-index");

    private final Batch batch;
    private Registry registry;

    RegistryWriter(Batch batch, Registry before) {
        this.batch = batch;
        this.registry = before;
    }

    void write(Commit commit) {
        Registry after = registry.after(commit);
        if (after.index() == registry.index()) {
            return;
        }
        for (SystemChange change : commit.systemChanges()) {
            if (change instanceof SystemChange.ReplicaChanged changed) {
                ReplicaRecord replica = changed.replica();
                batch.putLatest(Spaces.REPLICAS, Keys.text(replica.getReplicaId()), replica.toByteArray());
            } else if (change instanceof SystemChange.ReplicaRemoved removed) {
                batch.deleteLatest(Spaces.REPLICAS, Keys.text(removed.replicaId()));
            }
        }
        batch.putLatest(Spaces.META, INDEX, Keys.number(after.index()));
        registry = after;
    }

    /** As it is after what the batch holds so far. */
    Registry registry() {
        return registry;
    }

    /** As a view shows it. */
    static Registry load(View view) {
        RowVersion index = view.get(Spaces.META, INDEX);
        if (index == null) {
            return Registry.EMPTY;
        }
        TreeMap<String, ReplicaRecord> replicas = new TreeMap<>();
        try (Cursor cursor = view.scan(Spaces.REPLICAS, new byte[0], null, Direction.ASCENDING)) {
            for (RowVersion row = cursor.next(); row != null; row = cursor.next()) {
                ReplicaRecord replica = StoredState.parsed(ReplicaRecord.parser(), row.value());
                if (replica != null) {
                    replicas.put(replica.getReplicaId(), replica);
                }
            }
        }
        return new Registry(Keys.number(index.value()), replicas);
    }
}
