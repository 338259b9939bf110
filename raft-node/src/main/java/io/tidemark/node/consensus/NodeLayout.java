// SPDX-License-Identifier: Apache-2.0
package io.tidemark.node.consensus;

import java.nio.file.Path;
import java.util.UUID;

/** The names in a node's directory. */
final class NodeLayout {

    private NodeLayout() {}

    static Path raft(Path directory) {
        return directory.resolve("raft");
    }

    /** Where Ratis keeps what is of the group. */
    static Path group(Path directory, UUID group) {
        return raft(directory).resolve(group.toString());
    }

    /** The files of the log. */
    static Path log(Path directory, UUID group) {
        return group(directory, group).resolve("current");
    }

    /** The checkpoints received. */
    static Path received(Path directory, UUID group) {
        return group(directory, group).resolve("sm");
    }

    static Path store(Path directory) {
        return directory.resolve("store");
    }

    /** A store on its way to become the store. Of no use after a crash. */
    static Path newStore(Path directory) {
        return directory.resolve("store.new");
    }

    /** The store of before, on its way out. */
    static Path oldStore(Path directory) {
        return directory.resolve("store.old");
    }

    static Path identity(Path directory) {
        return directory.resolve("identity");
    }
}
