// SPDX-License-Identifier: Apache-2.0
package io.tidemark.node.offline;

import io.tidemark.api.HistoryId;
import io.tidemark.store.LogTime;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;

/** Makes the first node of a new cluster out of a backup. */
public final class RestoreFromBackup {

    private RestoreFromBackup() {}

    /**
     * What the new cluster begins with.
     *
     * @param clusterId new: nodes of another cluster, even one of the same name, refuse it
     * @param history new: tokens, ETags and page tokens of the old one are refused
     * @param index where the new history begins: that of the backup
     */
    public record Restored(String clusterId, HistoryId history, long index, LogTime logTime) {}

    /**
     * Restores a backup. If this throws, the directory is of no use and is to be deleted.
     *
     * @throws io.tidemark.store.copy.DamagedCopyException if the backup is damaged or ends early
     * @throws io.tidemark.server.process.StartException if the directory is not empty
     */
    public static Restored run(Path backup, NewNode target, OfflineListener listener) throws IOException {
        try (InputStream in = new BufferedInputStream(Files.newInputStream(backup))) {
            NewStore store = NewStore.begin(target);
            Restored restored = store.fill(in, listener);
            store.end();
            return restored;
        }
    }
}
