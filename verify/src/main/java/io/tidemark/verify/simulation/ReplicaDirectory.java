// SPDX-License-Identifier: Apache-2.0
package io.tidemark.verify.simulation;

import io.tidemark.store.engine.MapDbEngine;
import io.tidemark.store.state.Store;
import io.tidemark.store.state.StoreBirth;
import io.tidemark.store.state.StoreOptions;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** A replica's disk: what of it survives its processes. */
final class ReplicaDirectory {

    private final Path directory;
    private final StoreOptions options;
    private final String diskId;
    private String clusterId = "";
    private int stores;
    private boolean begun;
    private @Nullable Store store;

    ReplicaDirectory(Path directory, StoreOptions options, String diskId) {
        this.directory = directory;
        this.options = options;
        this.diskId = diskId;
    }

    String diskId() {
        return diskId;
    }

    String clusterId() {
        return clusterId;
    }

    @Nullable Store store() {
        return store;
    }

    /** As a process finds it: as of the last checkpoint. */
    void open() {
        if (begun) {
            store = Store.open(place(), options);
        }
    }

    /** As the process leaves it: what is in no checkpoint is gone. */
    void close() {
        Store open = store;
        store = null;
        if (open != null) {
            open.close();
        }
    }

    Store begin(String cluster, StoreBirth birth) {
        close();
        clusterId = cluster;
        stores++;
        begun = true;
        Store made = Store.create(MapDbEngine.open(place(), options.engine()), birth, options);
        store = made;
        return made;
    }

    private Path place() {
        return directory.resolve("store-" + stores);
    }
}
