// SPDX-License-Identifier: Apache-2.0
package io.tidemark.testkit;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * What a cluster is made of.
 *
 * @param nodes how many raft nodes
 * @param replicas how many read replicas
 * @param nodeFlags further options of each node, {@code --name=value}
 * @param replicaFlags the same of each replica
 * @param startTimeout how long it may take to be ready, and a call about it to be answered
 * @param parent where its directory is made; empty: where the system keeps temporary files
 * @param restores whether the extension brings it back to its beginning before each test
 */
record ClusterOptions(
        int nodes,
        int replicas,
        List<String> nodeFlags,
        List<String> replicaFlags,
        Duration startTimeout,
        Optional<Path> parent,
        boolean restores) {

    ClusterOptions {
        nodeFlags = List.copyOf(nodeFlags);
        replicaFlags = List.copyOf(replicaFlags);
    }
}
