// SPDX-License-Identifier: Apache-2.0
package io.tidemark.node.consensus;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Iterator;
import java.util.List;
import org.apache.ratis.proto.RaftProtos.FileChunkProto;
import org.apache.ratis.proto.RaftProtos.InstallSnapshotRequestProto;
import org.apache.ratis.proto.RaftProtos.InstallSnapshotRequestProto.SnapshotChunkProto;
import org.apache.ratis.server.storage.FileInfo;
import org.apache.ratis.thirdparty.com.google.protobuf.ByteString;
import org.apache.ratis.thirdparty.com.google.protobuf.UnsafeByteOperations;
import org.jspecify.annotations.Nullable;

/**
 * The chunks of a checkpoint on their way to another node, with their bytes left in the page cache.
 *
 * <p>Ratis 3.3.0 holds each request that it sends, bytes and all, until its timeout would have come, which is minutes after it was
 * answered: of a large checkpoint more than the heap. What a mapping holds costs no heap, and the kernel takes it back when it needs to.
 *
 * @param chunks Ratis's own, of one file after the other
 * @param files in that order; nobody writes to them
 */
record CheckpointChunks(Iterable<InstallSnapshotRequestProto> chunks, List<FileInfo> files)
        implements Iterable<InstallSnapshotRequestProto> {

    /** Mapped at a time: few mappings for a large file, and none beyond what one may have. */
    static final long PART_BYTES = 64L << 20;

    @Override
    public Iterator<InstallSnapshotRequestProto> iterator() {
        return new Mapped(chunks.iterator());
    }

    private final class Mapped implements Iterator<InstallSnapshotRequestProto> {
        private final Iterator<InstallSnapshotRequestProto> each;
        private int file;
        private @Nullable ByteBuffer part;
        private long partBegin;

        Mapped(Iterator<InstallSnapshotRequestProto> each) {
            this.each = each;
        }

        @Override
        public boolean hasNext() {
            return each.hasNext();
        }

        @Override
        public InstallSnapshotRequestProto next() {
            InstallSnapshotRequestProto request = each.next();
            SnapshotChunkProto chunk = request.getSnapshotChunk();
            if (chunk.getFileChunksCount() != 1) {
                throw new IllegalStateException(chunk.getFileChunksCount()
                        + " pieces in a chunk of a checkpoint (expected: 1, as Ratis makes them)");
            }
            FileChunkProto piece = chunk.getFileChunks(0);
            FileChunkProto mapped = piece.toBuilder()
                    .setData(mapped(piece.getOffset(), piece.getData().size()))
                    .build();
            if (piece.getDone()) {
                file++;
                part = null;
            }
            return request.toBuilder()
                    .setSnapshotChunk(chunk.toBuilder().setFileChunks(0, mapped))
                    .build();
        }

        private ByteString mapped(long begin, int length) {
            if (length == 0) {
                return ByteString.EMPTY;
            }
            ByteBuffer present = part;
            if (present == null || begin < partBegin || begin + length > partBegin + present.capacity()) {
                present = map(files.get(file), begin, length);
                part = present;
                partBegin = begin;
            }
            return UnsafeByteOperations.unsafeWrap(present.slice(Math.toIntExact(begin - partBegin), length));
        }

        private static ByteBuffer map(FileInfo of, long begin, int length) {
            Path path = of.getPath();
            try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
                long rest = channel.size() - begin;
                if (rest < length) {
                    throw new IOException(
                            path + " ends at " + channel.size() + " (expected: at " + (begin + length) + " at least)");
                }
                return channel.map(FileChannel.MapMode.READ_ONLY, begin, Math.min(rest, Math.max(length, PART_BYTES)));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
