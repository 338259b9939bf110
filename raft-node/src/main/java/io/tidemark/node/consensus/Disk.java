// SPDX-License-Identifier: Apache-2.0
package io.tidemark.node.consensus;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** What the Java library leaves out: syncing, copying and deleting directories. */
public final class Disk {

    private Disk() {}

    /** What is written to a file, or which files a directory has, is on disk when this returns. */
    public static void sync(Path path) throws IOException {
        boolean directory = Files.isDirectory(path);
        try (FileChannel channel =
                FileChannel.open(path, directory ? StandardOpenOption.READ : StandardOpenOption.WRITE)) {
            channel.force(true);
        }
    }

    /** Syncs all below a directory, and the directory. */
    static void syncTree(Path root) throws IOException {
        for (Path path : tree(root)) {
            sync(path);
        }
    }

    static void deleteTree(Path root) throws IOException {
        if (Files.exists(root)) {
            for (Path path : tree(root)) {
                Files.deleteIfExists(path);
            }
        }
    }

    /** Of nothing, if there is no such directory. Lock files are left out. */
    static void copyTree(Path from, Path to) throws IOException {
        if (!Files.isDirectory(from)) {
            return;
        }
        Files.createDirectories(to);
        for (Path child : children(from)) {
            Path target = to.resolve(String.valueOf(child.getFileName()));
            if (Files.isDirectory(child)) {
                copyTree(child, target);
            } else if (!child.endsWith("LOCK")) {
                Files.copy(child, target);
            }
        }
    }

    /** One more name for a file, or a copy where it cannot have one: not all file systems have links, or as many as are wanted. */
    static void linkOrCopy(Path file, Path target) throws IOException {
        try {
            Files.createLink(target, file);
        } catch (UnsupportedOperationException | FileSystemException refused) {
            Files.copy(file, target);
        }
    }

    static List<Path> children(Path directory) throws IOException {
        if (!Files.isDirectory(directory)) {
            return List.of();
        }
        try (Stream<Path> children = Files.list(directory)) {
            return children.sorted().toList();
        }
    }

    /** What is in a directory before the directory. */
    private static List<Path> tree(Path root) throws IOException {
        try (Stream<Path> all = Files.walk(root)) {
            return all.sorted(Comparator.reverseOrder()).toList();
        }
    }
}
