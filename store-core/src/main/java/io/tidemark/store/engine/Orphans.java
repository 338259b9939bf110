// SPDX-License-Identifier: Apache-2.0
package io.tidemark.store.engine;

import java.io.IOException;
import java.util.Set;

/** Files that no manifest names: of a failed flush, of a crash, or replaced by compaction. */
final class Orphans {
    private Orphans() {}

    /** A failure is harmless: the file stays an orphan, and every open deletes those. */
    static void tryDelete(Storage storage, String name) {
        try {
            storage.delete(name);
        } catch (IOException left) {
            return;
        }
    }

    static void deleteAll(Storage storage, Set<String> named) throws IOException {
        for (String name : storage.list()) {
            if (!named.contains(name) && isOurs(name)) {
                tryDelete(storage, name);
            }
        }
    }

    private static boolean isOurs(String name) {
        return name.startsWith(TableName.PREFIX)
                || name.startsWith(ManifestStore.PREFIX)
                || name.equals(ManifestStore.CURRENT_NEW);
    }
}
