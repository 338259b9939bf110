// SPDX-License-Identifier: Apache-2.0
package io.tidemark.store.engine;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import java.util.zip.CRC32C;

/** A manifest whose tables are pinned. Its own files are made anew in memory, as the first generation of a directory. */
final class PinnedCheckpoint implements CheckpointFiles {
    private final Storage storage;
    private final FilePins pins;
    private final Manifest manifest;
    private final Map<String, CheckpointFile> files = new LinkedHashMap<>();
    private final Map<String, byte[]> inMemory;
    private final AtomicBoolean closed = new AtomicBoolean();

    /** Takes over the pins of the manifest's tables, which are given once more with their footers. */
    PinnedCheckpoint(Storage storage, FilePins pins, Manifest manifest, List<Table> tables) throws IOException {
        this.storage = storage;
        this.pins = pins;
        this.manifest = manifest;
        this.inMemory = ManifestStore.firstFiles(manifest);
        for (Table table : tables) {
            TableName name = table.name();
            add(name.tableFile(), name.tableBytes(), tableChecksum(table));
            byte[] footer = table.footer().encode();
            add(name.footerFile(), footer.length, checksum(footer));
        }
        inMemory.forEach((name, bytes) -> add(name, bytes.length, checksum(bytes)));
    }

    private void add(String name, long bytes, int crc32c) {
        files.put(name, new CheckpointFile(name, bytes, crc32c));
    }

    private int tableChecksum(Table table) throws IOException {
        ByteBuffer header = ByteBuffer.allocate(TableFile.HEADER_BYTES);
        storage.read(table.name().tableFile(), 0, header);
        return FileChecksum.ofFile(
                table.footer().tableCrc(), header.array(), table.name().tableBytes());
    }

    private static int checksum(byte[] bytes) {
        CRC32C crc = new CRC32C();
        crc.update(bytes);
        return (int) crc.getValue();
    }

    @Override
    public long index() {
        return manifest.index();
    }

    @Override
    public byte[] position() {
        return manifest.position().clone();
    }

    @Override
    public List<CheckpointFile> files() {
        return new ArrayList<>(files.values());
    }

    @Override
    public void read(String file, long offset, ByteBuffer into) {
        checkOpen();
        CheckpointFile known = files.get(file);
        if (known == null) {
            throw new IllegalArgumentException("file: " + file + " (expected: one of the checkpoint)");
        }
        if (offset < 0 || offset + into.remaining() > known.bytes()) {
            throw new IllegalArgumentException(
                    "range: " + into.remaining() + " bytes at " + offset + " (expected: within " + known.bytes() + ")");
        }
        byte[] bytes = inMemory.get(file);
        if (bytes != null) {
            into.put(bytes, (int) offset, into.remaining());
            return;
        }
        try {
            storage.read(file, offset, into);
        } catch (IOException e) {
            throw EngineIoException.of(e);
        }
    }

    @Override
    public void linkTo(Path directory) {
        checkOpen();
        try {
            Directories.create(directory);
            try (Stream<Path> present = Files.list(directory)) {
                if (present.findAny().isPresent()) {
                    throw new IllegalArgumentException("directory: " + directory + " (expected: empty)");
                }
            }
            for (TableName table : manifest.tables()) {
                storage.linkTo(table.tableFile(), directory.resolve(table.tableFile()));
                storage.linkTo(table.footerFile(), directory.resolve(table.footerFile()));
            }
            for (Map.Entry<String, byte[]> file : inMemory.entrySet()) {
                if (file.getKey().equals(ManifestStore.CURRENT)) {
                    Directories.sync(directory);
                }
                DiskStorage.writeNew(directory.resolve(file.getKey()), file.getValue());
            }
            Directories.sync(directory);
        } catch (IOException e) {
            throw EngineIoException.of(e);
        }
    }

    private void checkOpen() {
        if (closed.get()) {
            throw new IllegalStateException("checkpoint is closed");
        }
        pins.checkOpen();
    }

    @Override
    public void close() {
        if (closed.compareAndSet(false, true)) {
            pins.unpin(manifest.tables());
        }
    }
}
