// SPDX-License-Identifier: Apache-2.0
package io.tidemark.launcher.cli.offline;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * A store's directory once more, beside it: links to its large files, which are never written to again, and copies of the small ones. Whatever
 * an engine does there leaves the original as it is.
 */
final class LinkedCopy implements AutoCloseable {

    private static final long LINKED_BYTES_MIN = 1 << 20;

    private final Path path;

    private LinkedCopy(Path path) {
        this.path = path;
    }

    /** @param parent where it is made, on the same disk */
    static LinkedCopy of(Path store, Path parent) throws IOException {
        LinkedCopy copy = new LinkedCopy(Files.createTempDirectory(parent, "offline-"));
        try (Stream<Path> files = Files.list(store)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                take(file, copy.path.resolve(file.getFileName()));
            }
            return copy;
        } catch (IOException | RuntimeException e) {
            copy.close();
            throw e;
        }
    }

    private static void take(Path file, Path target) throws IOException {
        if (Files.size(file) < LINKED_BYTES_MIN) {
            Files.copy(file, target);
            return;
        }
        try {
            Files.createLink(target, file);
        } catch (UnsupportedOperationException | FileSystemException refused) {
            Files.copy(file, target);
        }
    }

    Path path() {
        return path;
    }

    @Override
    public void close() throws IOException {
        List<Path> deepestFirst;
        try (Stream<Path> found = Files.walk(path)) {
            deepestFirst = found.sorted(Comparator.reverseOrder()).toList();
        }
        for (Path file : deepestFirst) {
            Files.delete(file);
        }
    }
}
