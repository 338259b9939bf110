// SPDX-License-Identifier: Apache-2.0
package io.tidemark.replica.feed;

import io.tidemark.replica.feed.core.StoreHome;
import io.tidemark.server.process.StartException;
import io.tidemark.store.engine.Engine;
import io.tidemark.store.engine.EngineException;
import io.tidemark.store.engine.MapDbEngine;
import io.tidemark.store.state.Store;
import io.tidemark.store.state.StoreBirth;
import io.tidemark.store.state.StoreOptions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A replica's directory: the store in {@code store}, in {@code cluster} the id of the cluster that it is of, in {@code disk} its own. A store that is
 * replaced is moved aside as a whole before another one is begun, so a crash at any point finds the old one, none, or the new one; a
 * replica without one begins anew. Of the feed's thread.
 */
public final class ReplicaDisk implements StoreHome, AutoCloseable {

    /** Told when one store takes the place of another. */
    public interface Listener {
        /** The old one is about to be closed. */
        void withdrawn();

        /** Reads are of this one from now on. */
        void opened(Store store);
    }

    private static final String STORE = "store";
    private static final String OLD_STORE = "store.old";
    private static final String CLUSTER = "cluster";
    private static final String DISK = "disk";
    private static final int ID_BYTES_MAX = 1024;

    private final Path directory;
    private final StoreOptions options;
    private final Listener listener;
    private String clusterId = "";
    private String diskId = "";
    private @Nullable Store store;

    private ReplicaDisk(Path directory, StoreOptions options, Listener listener) {
        this.directory = directory;
        this.options = options;
        this.listener = listener;
    }

    /**
     * Opens what is there.
     *
     * @param listener told of a store that takes the place of this one
     * @throws StartException if it cannot be used; the message says what to do
     */
    public static ReplicaDisk open(Path directory, StoreOptions options, Listener listener) {
        ReplicaDisk disk = new ReplicaDisk(directory, options, listener);
        try {
            disk.open();
        } catch (IOException | UncheckedIOException | EngineException | IllegalStateException e) {
            throw new StartException(
                    "the data in " + directory + " cannot be used: " + e.getMessage()
                            + ". Delete the directory: the replica is then filled again by the cluster.",
                    e);
        }
        return disk;
    }

    private void open() throws IOException {
        deleteTree(directory.resolve(OLD_STORE));
        clusterId = read(directory.resolve(CLUSTER));
        diskId = read(directory.resolve(DISK));
        if (diskId.isEmpty()) {
            diskId = UUID.randomUUID().toString();
            write(directory.resolve(DISK), diskId);
        }
        Path home = directory.resolve(STORE);
        if (!Files.exists(home)) {
            return;
        }
        Engine engine = MapDbEngine.open(home, options.engine());
        boolean opened = false;
        try {
            if (!Store.isEmpty(engine)) {
                Store found = Store.open(engine, options);
                opened = true;
                store = found;
            }
        } finally {
            if (!opened) {
                engine.close();
            }
        }
    }

    /** Empty: it is not there. */
    private static String read(Path file) throws IOException {
        if (!Files.exists(file)) {
            return "";
        }
        if (Files.size(file) > ID_BYTES_MAX) {
            throw new IllegalStateException("file " + file + " holds no id");
        }
        return Files.readString(file).strip();
    }

    /** Random, made when the directory was empty. */
    public String diskId() {
        return diskId;
    }

    @Override
    public @Nullable Store store() {
        return store;
    }

    @Override
    public String clusterId() {
        return clusterId;
    }

    @Override
    public Store begin(String cluster, StoreBirth birth) {
        Path home = directory.resolve(STORE);
        try {
            if (!cluster.equals(clusterId)) {
                write(directory.resolve(CLUSTER), cluster);
                clusterId = cluster;
            }
            Store old = store;
            if (old != null) {
                listener.withdrawn();
                store = null;
                old.close();
            }
            if (Files.exists(home)) {
                deleteTree(directory.resolve(OLD_STORE));
                Files.move(home, directory.resolve(OLD_STORE), StandardCopyOption.ATOMIC_MOVE);
                sync(directory);
            }
            Store made = create(home, birth);
            store = made;
            listener.opened(made);
            deleteTree(directory.resolve(OLD_STORE));
            return made;
        } catch (IOException e) {
            throw new UncheckedIOException("directory " + directory + " cannot be written", e);
        }
    }

    private Store create(Path home, StoreBirth birth) {
        Engine engine = MapDbEngine.open(home, options.engine());
        try {
            return Store.create(engine, birth, options);
        } catch (RuntimeException | Error e) {
            engine.close();
            throw e;
        }
    }

    private void write(Path file, String text) throws IOException {
        Path draft = file.resolveSibling(file.getFileName() + ".draft");
        Files.writeString(draft, text + "\n");
        sync(draft);
        Files.move(draft, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        sync(directory);
    }

    private static void sync(Path path) throws IOException {
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    private static void deleteTree(Path root) throws IOException {
        if (!Files.exists(root)) {
            return;
        }
        List<Path> deepestFirst;
        try (Stream<Path> found = Files.walk(root)) {
            deepestFirst = found.sorted(Comparator.reverseOrder()).toList();
        }
        for (Path path : deepestFirst) {
            Files.delete(path);
        }
    }

    /** Without a checkpoint: that is the caller's decision. */
    @Override
    public void close() {
        Store open = store;
        if (open != null) {
            open.close();
        }
    }
}
