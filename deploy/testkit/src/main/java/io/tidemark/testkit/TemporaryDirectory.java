// SPDX-License-Identifier: Apache-2.0
package io.tidemark.testkit;

import io.tidemark.server.process.DirectoryTree;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** A directory of its owner's own, which is gone when that is closed. */
record TemporaryDirectory(Path path) implements AutoCloseable {

    /**
     * Makes one.
     *
     * @param parent where; empty: where the system keeps temporary files
     */
    static TemporaryDirectory in(Optional<Path> parent) {
        try {
            if (parent.isEmpty()) {
                return new TemporaryDirectory(Files.createTempDirectory("tidemark-"));
            }
            return new TemporaryDirectory(
                    Files.createTempDirectory(Files.createDirectories(parent.get()), "tidemark-"));
        } catch (IOException e) {
            String place = parent.map(Path::toString).orElse(System.getProperty("java.io.tmpdir"));
            throw new ClusterException(
                    "no temporary directory can be made in " + place + ": " + e
                            + " (expected: a directory that can be written; another one by temporaryFilesIn)",
                    e);
        }
    }

    @Override
    public void close() {
        try {
            DirectoryTree.remove(path);
        } catch (IOException e) {
            throw new ClusterException("the temporary directory " + path + " cannot be removed: " + e, e);
        }
    }
}
