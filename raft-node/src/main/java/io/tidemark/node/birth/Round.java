// SPDX-License-Identifier: Apache-2.0
package io.tidemark.node.birth;

import io.tidemark.proto.v1.FormedCluster;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** One round of asking all others. What it brought is of no use in the next: a disk may be lost in between. */
final class Round {

    /** The disk of each member that wants what this node wants; when joining, of each that is in the cluster. */
    final Map<String, String> disks = new TreeMap<>();

    /** Why not, of each other. */
    final Map<String, String> missing = new TreeMap<>();

    /** The one cluster that they are in, when joining. */
    @Nullable FormedCluster cluster;

    private int open;

    Round(int others) {
        this.open = others;
    }

    /** One has answered, or will not; whether it was the last. */
    boolean closeOne() {
        open--;
        return open == 0;
    }
}
