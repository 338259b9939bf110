// SPDX-License-Identifier: Apache-2.0
package io.tidemark.node.consensus;

import io.tidemark.store.engine.CheckpointFile;
import io.tidemark.store.state.PinnedStore;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.apache.ratis.server.protocol.TermIndex;
import org.apache.ratis.server.storage.FileInfo;
import org.apache.ratis.statemachine.SnapshotInfo;
import org.jspecify.annotations.Nullable;

/**
 * A durable state of the store as Ratis sees it. Its files are linked to where Ratis looks for them only when somebody needs
 * them: most checkpoints are never sent.
 */
final class CheckpointSnapshot implements SnapshotInfo, AutoCloseable {

    private final TermIndex termIndex;
    private final PinnedStore pinned;
    private final Path exported;
    private @Nullable List<FileInfo> files;

    CheckpointSnapshot(PinnedStore pinned, Path parent) {
        this.pinned = pinned;
        this.termIndex = Objects.requireNonNull(
                RaftPosition.decode(pinned.checkpoint().position()), "a checkpoint before any entry");
        this.exported = parent.resolve(CheckpointName.of(termIndex));
    }

    @Override
    public TermIndex getTermIndex() {
        return termIndex;
    }

    @Override
    public synchronized List<FileInfo> getFiles() {
        List<FileInfo> linked = files;
        if (linked == null) {
            try {
                Disk.deleteTree(exported);
                pinned.files().linkTo(exported);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            // The checksum is computed as they are sent.
            linked = pinned.files().files().stream()
                    .map(CheckpointFile::name)
                    .map(name -> new FileInfo(exported.resolve(name), null))
                    .toList();
            files = linked;
        }
        return linked;
    }

    /** Takes the links away. Who is just sending them begins again with a newer checkpoint. */
    synchronized void deleteExport() throws IOException {
        if (files != null) {
            Disk.deleteTree(exported);
        }
    }

    /** Lets go of the files; what is linked stays. */
    @Override
    public void close() {
        pinned.close();
    }

    @Override
    public String toString() {
        return "checkpoint at " + termIndex;
    }
}
