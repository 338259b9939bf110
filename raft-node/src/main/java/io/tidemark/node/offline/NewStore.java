// SPDX-License-Identifier: Apache-2.0
package io.tidemark.node.offline;

import io.tidemark.api.HistoryId;
import io.tidemark.node.birth.SoleBirth;
import io.tidemark.node.consensus.NewCluster;
import io.tidemark.proto.v1.StoreSettings;
import io.tidemark.store.state.Backup;
import io.tidemark.store.state.Store;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** A node's directory on its way: it is begun, filled from a backup, and of use after {@link #end}. For one thread. */
final class NewStore {

    private final NewNode target;
    private final NewCluster cluster;
    private @Nullable SoleBirth birth;

    private NewStore(NewNode target, NewCluster cluster) {
        this.target = target;
        this.cluster = cluster;
    }

    static NewStore begin(NewNode target) throws IOException {
        return new NewStore(target, NewCluster.begin(target.directory(), target.self()));
    }

    /** For what is of use only meanwhile. */
    Path scratch() {
        return cluster.scratch();
    }

    RestoreFromBackup.Restored fill(InputStream in, OfflineListener listener) throws IOException {
        try (Store store = Backup.restore(
                in,
                cluster.openEngine(target.store()),
                this::bear,
                target.store(),
                (place, estimated) -> listener.rows(place.rows(), estimated))) {
            return new RestoreFromBackup.Restored(
                    born().clusterId(), store.history(), store.appliedIndex(), store.logTime());
        }
    }

    /** What it is born as is written last: without it no start takes the directory. */
    void end() throws IOException {
        cluster.end(born().clusterId(), target.store());
        born().write(target.directory());
    }

    private HistoryId bear(StoreSettings settings) {
        SoleBirth born = target.born(settings);
        birth = born;
        return born.history();
    }

    private SoleBirth born() {
        if (birth == null) {
            throw new IllegalStateException("not filled yet");
        }
        return birth;
    }
}
