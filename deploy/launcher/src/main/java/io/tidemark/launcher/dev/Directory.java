// SPDX-License-Identifier: Apache-2.0
package io.tidemark.launcher.dev;

import io.tidemark.server.process.StartException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** The directory of a cluster that may go with it. */
final class Directory {

    /** Where a supervisor that runs in the background writes; there before the supervisor is. */
    static final String SUPERVISOR_LOG = "dev.log";

    private Directory() {}

    /** Refuses to take somebody's files for those of a cluster that is removed at its end. */
    static void requireNothingToLose(Path directory) throws IOException {
        if (!Files.exists(directory)) {
            return;
        }
        try (Stream<Path> files = Files.list(directory)) {
            List<String> names = files.map(file -> file.getFileName().toString())
                    .filter(name -> !name.equals(SUPERVISOR_LOG))
                    .sorted()
                    .toList();
            if (!names.isEmpty()) {
                throw new StartException("--ephemeral removes " + directory + " at the end, and there is already "
                        + names.get(0) + " in it (expected: an empty directory, or none)");
            }
        }
    }
}
