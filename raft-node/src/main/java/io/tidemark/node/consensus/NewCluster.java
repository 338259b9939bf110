// SPDX-License-Identifier: Apache-2.0
package io.tidemark.node.consensus;

import io.tidemark.server.process.StartException;
import io.tidemark.store.engine.MapDbEngine;
import io.tidemark.store.state.Store;
import io.tidemark.store.state.StoreOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Makes the data directory of a cluster of one, around a store that comes from elsewhere. It is begun by {@link #begin} and of use
 * only after {@link #end}: what lies between a failure or a crash leaves a directory that no start accepts.
 */
public final class NewCluster {

    private final Path directory;
    private final Member member;

    private NewCluster(Path directory, Member member) {
        this.directory = directory;
        this.member = member;
    }

    /**
     * Takes an empty directory.
     *
     * @throws StartException if there is anything in it
     */
    public static NewCluster begin(Path directory, Member member) throws IOException {
        if (!Disk.children(directory).isEmpty()) {
            throw new StartException(
                    "directory " + directory + " is not empty (expected: a new one for the new cluster)");
        }
        Files.createDirectories(directory);
        NodeIdentity.making(directory);
        return new NewCluster(directory, member);
    }

    /** For what is of use only meanwhile; deleted at the end. */
    public Path scratch() {
        return directory.resolve("scratch");
    }

    /** The engine to make the store in. Whoever makes it closes it. */
    public MapDbEngine openEngine(StoreOptions options) {
        return MapDbEngine.open(NodeLayout.store(directory), options.engine());
    }

    /** The store is there and closed. From now on {@link StartMode.Restart} takes the directory. */
    public void end(String clusterId, StoreOptions options) throws IOException {
        NodeIdentity identity = new NodeIdentity(clusterId, member.id());
        Store.open(NodeLayout.store(directory), options).close();
        Disk.deleteTree(scratch());
        FirstMembers.write(directory, List.of(member));
        Consensus.formatLog(directory, identity);
        Disk.syncTree(NodeLayout.store(directory));
        identity.ready(directory);
    }
}
