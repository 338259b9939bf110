// SPDX-License-Identifier: Apache-2.0
package io.tidemark.store.engine;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayDeque;
import java.util.Deque;

/** Directories whose names survive a crash: a name is durable once the directory that holds it is synced. */
final class Directories {
    private Directories() {}

    @FunctionalInterface
    interface Syncing {
        void sync(Path directory) throws IOException;
    }

    static void create(Path directory) throws IOException {
        create(directory, Directories::sync);
    }

    /** Creates what is missing. A directory that is there may have been created just before a crash: synced as well. */
    static void create(Path directory, Syncing syncing) throws IOException {
        Deque<Path> missing = new ArrayDeque<>();
        Path present = directory.toAbsolutePath();
        while (present.getParent() != null && !Files.exists(present)) {
            missing.push(present);
            present = present.getParent();
        }
        if (missing.isEmpty()) {
            syncParentOf(present, syncing);
        }
        for (Path child : missing) {
            Files.createDirectories(child);
            syncing.sync(present);
            present = child;
        }
    }

    /** A parent that we may not even read belongs to somebody who made the directory for us. */
    private static void syncParentOf(Path directory, Syncing syncing) throws IOException {
        Path parent = directory.getParent();
        if (parent == null) {
            return;
        }
        try {
            syncing.sync(parent);
        } catch (AccessDeniedException theirs) {
            return;
        }
    }

    static void sync(Path directory) throws IOException {
        try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }
}
