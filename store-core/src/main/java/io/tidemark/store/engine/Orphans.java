// SPDX-License-Identifier: Apache-2.0
package io.tidemark.store.engine;

import java.io.IOException;
import java.util.Set;
import java.util.regex.Pattern;

/** Files that no manifest names: of a failed flush, of a crash, or replaced by compaction. */
final class Orphans {
    private static final Pattern TABLE_OR_MANIFEST =
            Pattern.compile(TableName.PREFIX + "[0-9]+\\.(stm|aux)|" + ManifestStore.PREFIX + "[0-9]+");

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

    /** By the whole name: a copy that somebody put aside before a repair is not ours. */
    private static boolean isOurs(String name) {
        return TABLE_OR_MANIFEST.matcher(name).matches() || name.equals(ManifestStore.CURRENT_NEW);
    }
}
