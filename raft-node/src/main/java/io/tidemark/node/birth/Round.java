// SPDX-License-Identifier: Apache-2.0
package io.tidemark.node.birth;

import io.tidemark.proto.v1.FormedCluster;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** One round of asking all others. What it brought is of no use in the next: a disk may be lost in between. */
final class Round {

    /** The disk of each member that wants what this node wants. */
    final Map<String, String> disks = new TreeMap<>();

    /** When joining, whom each node that is in the cluster names as its members. */
    final Map<String, Set<String>> members = new TreeMap<>();

    /** Why not, of each other. */
    final Map<String, String> missing = new TreeMap<>();

    /** The one cluster that they are in, when joining. */
    @Nullable FormedCluster cluster;

    private int open;

    Round(int others) {
        this.open = others;
    }

    /** Whether a majority of the members that each of those names who answered is among them; whose is not, is missing. */
    boolean hasMajorities() {
        boolean all = !members.isEmpty();
        for (Map.Entry<String, Set<String>> named : members.entrySet()) {
            List<String> answered =
                    named.getValue().stream().filter(members::containsKey).toList();
            if (answered.size() <= named.getValue().size() / 2) {
                all = false;
                missing.put(
                        named.getKey(),
                        "names the members " + named.getValue() + ", a majority of which is to answer; of these did: "
                                + answered);
            }
        }
        return all;
    }

    /** One has answered, or will not; whether it was the last. */
    boolean closeOne() {
        open--;
        return open == 0;
    }
}
