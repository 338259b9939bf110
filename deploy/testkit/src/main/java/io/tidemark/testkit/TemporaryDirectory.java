// SPDX-License-Identifier: Apache-2.0
package io.tidemark.testkit;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

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
            Files.walkFileTree(path, new Removal());
        } catch (IOException e) {
            throw new ClusterException("the temporary directory " + path + " cannot be removed: " + e, e);
        }
    }

    /** Goes on where something is gone already. */
    private static final class Removal extends SimpleFileVisitor<Path> {

        @Override
        public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
            boolean unused = Files.deleteIfExists(file);
            return FileVisitResult.CONTINUE;
        }

        @Override
        public FileVisitResult visitFileFailed(Path file, IOException failure) throws IOException {
            if (failure instanceof NoSuchFileException) {
                return FileVisitResult.CONTINUE;
            }
            throw failure;
        }

        @Override
        public FileVisitResult postVisitDirectory(Path directory, @Nullable IOException failure) throws IOException {
            if (failure != null) {
                throw failure;
            }
            boolean unused = Files.deleteIfExists(directory);
            return FileVisitResult.CONTINUE;
        }
    }
}
