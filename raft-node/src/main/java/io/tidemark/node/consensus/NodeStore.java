// SPDX-License-Identifier: Apache-2.0
package io.tidemark.node.consensus;

import io.tidemark.store.engine.MapDbEngine;
import io.tidemark.store.engine.ScrubProgress;
import io.tidemark.store.state.Store;
import io.tidemark.store.state.StoreOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import org.apache.ratis.server.protocol.TermIndex;
import org.apache.ratis.server.raftlog.segmented.LogSegmentPath;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The store of this node, and how another takes its place: the files of a received checkpoint are linked into a new directory,
 * synced and verified, and the directories are swapped by renaming. The received files go last, so a crash at any point finds
 * either the old store and the received files, and does it again, or the new store.
 */
final class NodeStore {

    private static final Logger LOG = LoggerFactory.getLogger(NodeStore.class);
    private static final String DIGEST_SUFFIX = ".md5";
    private static final long LINKED_BYTES_MIN = 1 << 20;

    private final Path directory;
    private final StoreOptions options;
    private volatile @Nullable Store store;

    NodeStore(Path directory, StoreOptions options) {
        this.directory = directory;
        this.options = options;
    }

    /** Null while a joining node waits for its first checkpoint, and while another store takes the place of this one. */
    @Nullable Store get() {
        return store;
    }

    /** The last entry that is in the store; null if there is none. */
    @Nullable TermIndex position() {
        Store now = store;
        return now == null ? null : RaftPosition.decode(now.position());
    }

    /**
     * Opens what is there, or what has been received and is newer.
     *
     * @param log the directory of the Raft log
     */
    void open(Path received, Path log) throws IOException {
        Path home = NodeLayout.store(directory);
        Path old = NodeLayout.oldStore(directory);
        Disk.deleteTree(NodeLayout.newStore(directory));
        if (Files.exists(home)) {
            Disk.deleteTree(old);
        } else if (Files.exists(old)) {
            move(old, home);
        }
        if (Files.exists(home)) {
            store = Store.open(home, options);
        }
        Path newer = newest(received, position());
        if (newer != null) {
            finish(newer, log);
        }
        for (Path left : Disk.children(received)) {
            Disk.deleteTree(left);
        }
    }

    /**
     * Where the log goes on from the store, a damaged checkpoint is done without: the leader sends another one. Where it does not,
     * the log holds entries that this node has acknowledged and the checkpoint what they follow, so neither may be dropped.
     */
    private void finish(Path checkpoint, Path log) throws IOException {
        LOG.info("finishing the installation of {}", checkpoint.getFileName());
        Path draft;
        try {
            draft = verifiedDraft(checkpoint);
        } catch (IOException | RuntimeException e) {
            Disk.deleteTree(NodeLayout.newStore(directory));
            if (store == null || !isFollowedBy(log)) {
                throw new IOException(
                        "the received " + checkpoint.getFileName()
                                + " is damaged, and the log goes on from there: remove"
                                + " this node from the cluster and add it anew, with an empty directory",
                        e);
            }
            LOG.warn("the received {} is damaged: it is dropped, and the store stays", checkpoint.getFileName(), e);
            return;
        }
        replaceBy(checkpoint, draft, () -> {});
    }

    /** Whether nothing is missing between the store and the log. */
    private boolean isFollowedBy(Path log) throws IOException {
        TermIndex at = position();
        long applied = at == null ? -1 : at.getIndex();
        List<LogSegmentPath> segments = LogFiles.in(log);
        return segments.isEmpty() || LogFiles.firstIndex(segments.get(0)) <= applied + 1;
    }

    /**
     * Replaces the store by the newest checkpoint received. Views of the old one stay whole: they hold its files, deleted or not.
     *
     * @param withdraw told before the old store is closed, when all that can take long is done
     */
    void install(Path received, Runnable withdraw) throws IOException {
        Path newest = newest(received, null);
        if (newest == null) {
            throw new IOException("no checkpoint in " + received + " (expected: the one just received)");
        }
        replaceBy(newest, verifiedDraft(newest), withdraw);
    }

    private static @Nullable Path newest(Path received, @Nullable TermIndex above) throws IOException {
        Path newest = null;
        TermIndex best = above;
        for (Path path : Disk.children(received)) {
            TermIndex at = CheckpointName.parse(path);
            if (at != null && (best == null || at.getIndex() > best.getIndex())) {
                newest = path;
                best = at;
            }
        }
        return newest;
    }

    private Path verifiedDraft(Path checkpoint) throws IOException {
        Path draft = NodeLayout.newStore(directory);
        Disk.deleteTree(draft);
        copy(checkpoint, draft);
        verify(draft, checkpoint);
        return draft;
    }

    private void replaceBy(Path checkpoint, Path draft, Runnable withdraw) throws IOException {
        withdraw(withdraw);
        Path home = NodeLayout.store(directory);
        Path old = NodeLayout.oldStore(directory);
        if (Files.exists(home)) {
            Disk.deleteTree(old);
            move(home, old);
        }
        move(draft, home);
        store = Store.open(home, options);
        Disk.deleteTree(old);
        Disk.deleteTree(checkpoint);
    }

    private void withdraw(Runnable told) {
        Store before = store;
        store = null;
        if (before != null) {
            told.run();
            before.close();
        }
    }

    private static void copy(Path checkpoint, Path draft) throws IOException {
        Files.createDirectories(draft);
        for (Path file : Disk.children(checkpoint)) {
            String name = String.valueOf(file.getFileName());
            if (name.endsWith(DIGEST_SUFFIX)) {
                continue;
            }
            if (Files.size(file) >= LINKED_BYTES_MIN) {
                Disk.linkOrCopy(file, draft.resolve(name));
            } else {
                Files.copy(file, draft.resolve(name));
            }
        }
        Disk.syncTree(draft);
    }

    private void verify(Path draft, Path checkpoint) throws IOException {
        MapDbEngine engine = MapDbEngine.open(draft, options.engine());
        TermIndex found;
        try (Store opened = Store.open(engine, options)) {
            engine.scrub(ScrubProgress.IGNORED);
            found = RaftPosition.decode(opened.position());
        }
        if (found == null || !found.equals(CheckpointName.parse(checkpoint))) {
            throw new IOException("received " + checkpoint.getFileName() + " is of " + found);
        }
    }

    private void move(Path from, Path to) throws IOException {
        Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
        Disk.sync(directory);
    }

    void close() {
        Store now = store;
        if (now != null) {
            now.close();
        }
    }
}
