// SPDX-License-Identifier: Apache-2.0
package io.tidemark.node.consensus;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.apache.ratis.proto.RaftProtos.FileChunkProto;
import org.apache.ratis.proto.RaftProtos.InstallSnapshotRequestProto;
import org.apache.ratis.proto.RaftProtos.InstallSnapshotRequestProto.SnapshotChunkProto;
import org.apache.ratis.server.storage.FileInfo;
import org.apache.ratis.thirdparty.com.google.protobuf.ByteString;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CheckpointChunksTest {

    private static final int CHUNK = 1 << 20;

    @TempDir
    private Path directory;

    private final List<FileInfo> files = new ArrayList<>();
    private final List<InstallSnapshotRequestProto> asRatisMakesThem = new ArrayList<>();

    @Test
    void shouldBeWhatRatisMakesAndHoldNoHeap() throws IOException {
        add("large", 3 * CHUNK + 7);
        add("empty", 0);
        add("small", 1);

        List<InstallSnapshotRequestProto> chunks = new ArrayList<>();
        new CheckpointChunks(asRatisMakesThem, files).forEach(chunks::add);

        assertThat(chunks).isEqualTo(asRatisMakesThem);
        assertThat(chunks)
                .map(chunk -> chunk.getSnapshotChunk().getFileChunks(0).getData())
                .filteredOn(data -> !data.isEmpty())
                .hasSize(5)
                .allMatch(data -> data.asReadOnlyByteBuffer().isDirect());
    }

    @Test
    void shouldGoFromOnePartOfALargeFileToTheNext() throws IOException {
        Path path = directory.resolve("sparse");
        try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "rw")) {
            file.setLength(CheckpointChunks.PART_BYTES + CHUNK);
            file.seek(CheckpointChunks.PART_BYTES - 1);
            file.write(new byte[] {1, 2});
        }
        files.add(new FileInfo(path, null));
        long last = CheckpointChunks.PART_BYTES - CHUNK;
        asRatisMakesThem.add(request("sparse", 0, new byte[CHUNK], false));
        asRatisMakesThem.add(request("sparse", last, read(path, last), false));
        asRatisMakesThem.add(request("sparse", last + CHUNK, read(path, last + CHUNK), true));

        assertThat(new CheckpointChunks(asRatisMakesThem, files)).containsExactlyElementsOf(asRatisMakesThem);
    }

    @Test
    void shouldSayWhichFileIsShorterThanItWas() throws IOException {
        add("cut", 100);
        Files.write(files.get(0).getPath(), new byte[50]);

        assertThatThrownBy(() -> new CheckpointChunks(asRatisMakesThem, files).forEach(chunk -> {}))
                .isInstanceOf(UncheckedIOException.class)
                .hasMessageContaining("cut ends at 50 (expected: at 100");
    }

    private void add(String name, int size) throws IOException {
        byte[] content = new byte[size];
        new Random(size).nextBytes(content);
        Path path = Files.write(directory.resolve(name), content);
        files.add(new FileInfo(path, null));
        int from = 0;
        do {
            int length = Math.min(CHUNK, size - from);
            byte[] piece = new byte[length];
            System.arraycopy(content, from, piece, 0, length);
            asRatisMakesThem.add(request(name, from, piece, from + length == size));
            from += length;
        } while (from < size);
    }

    private static byte[] read(Path path, long from) throws IOException {
        try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "r")) {
            byte[] piece = new byte[CHUNK];
            file.seek(from);
            file.readFully(piece);
            return piece;
        }
    }

    private InstallSnapshotRequestProto request(String name, long offset, byte[] data, boolean done) {
        return InstallSnapshotRequestProto.newBuilder()
                .setSnapshotChunk(SnapshotChunkProto.newBuilder()
                        .setRequestId("r")
                        .setRequestIndex(asRatisMakesThem.size())
                        .addFileChunks(FileChunkProto.newBuilder()
                                .setFilename(name)
                                .setOffset(offset)
                                .setData(ByteString.copyFrom(data))
                                .setDone(done)))
                .build();
    }
}
