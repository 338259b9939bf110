// SPDX-License-Identifier: Apache-2.0
package io.tidemark.store.engine;

import java.io.IOException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;

/** Tells the files of a durable state from those that were being written. */
public final class DurableFiles {

    private DurableFiles() {}

    /** The names of a directory's files that its durable state needs. Tidies the directory: give it a copy. */
    public static Set<String> of(Path directory) throws IOException {
        try (DiskStorage storage = DiskStorage.open(directory)) {
            Manifest manifest = new ManifestStore(storage).open();
            Set<String> names = new HashSet<>(storage.list());
            names.retainAll(manifest.files());
            storage.list().stream()
                    .filter(name -> name.startsWith(ManifestStore.CURRENT) || name.startsWith(ManifestStore.PREFIX))
                    .forEach(names::add);
            return names;
        }
    }
}
