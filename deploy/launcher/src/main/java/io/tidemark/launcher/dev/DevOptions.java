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
