// SPDX-License-Identifier: Apache-2.0
package io.tidemark.launcher.dev;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The cluster that somebody wants.
 *
 * @param directory absolute
 * @param ephemeral whether the directory goes with the cluster
 * @param singleProcess whether all servers are one process
 * @param sidecar whether there is one, too
 */
record DevOptions(int nodes, int replicas, Path directory, boolean ephemeral, boolean singleProcess, boolean sidecar) {

    /** Its servers, in words. */
    String describe() {
        List<String> kinds = new ArrayList<>(List.of(count(nodes, "node")));
        if (replicas > 0) {
            kinds.add(count(replicas, "replica"));
        }
        if (sidecar) {
            kinds.add("a sidecar");
        }
        int last = kinds.size() - 1;
        return last == 0 ? kinds.get(0) : String.join(", ", kinds.subList(0, last)) + " and " + kinds.get(last);
    }

    private static String count(int number, String what) {
        return number + " " + what + (number == 1 ? "" : "s");
    }

    /** As they are given to the command. */
    List<String> toArguments() {
        List<String> arguments =
                new ArrayList<>(List.of("--nodes=" + nodes, "--replicas=" + replicas, "--data-dir=" + directory));
        if (ephemeral) {
            arguments.add("--ephemeral");
        }
        if (singleProcess) {
            arguments.add("--single-process");
        }
        return arguments;
    }
}
