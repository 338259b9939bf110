// SPDX-License-Identifier: Apache-2.0
package io.tidemark.node.consensus;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Says on disk that a node's store is not that of a majority of the nodes. It lies among the files of the store, so that it goes when
 * another store takes that one's place, and not before. No checkpoint names it, so it travels nowhere.
 */
public final class OutvotedMark {

    private static final String FILE = "outvoted";

    private final Path store;

    private OutvotedMark(Path store) {
        this.store = store;
    }

    /** That of a node with this data directory. */
    public static OutvotedMark in(Path directory) {
        return new OutvotedMark(NodeLayout.store(directory));
    }

    public Path file() {
        return store.resolve(FILE);
    }

    /** It is on disk when this returns. What a failure leaves behind counts as a mark. */
    public void write(String what) throws IOException {
        Files.writeString(file(), what + "\n");
        Disk.sync(file());
        Disk.sync(store);
    }

    /** What was written; empty: nothing was. A mark that cannot be read is one. */
    public Optional<String> read() {
        if (!Files.exists(file())) {
            return Optional.empty();
        }
        try {
            String text = Files.readString(file()).strip();
            return Optional.of(text.isEmpty() ? file() + " is there, and empty" : text);
        } catch (IOException e) {
            return Optional.of(file() + " is there, and cannot be read: " + e);
        }
    }
}
