// SPDX-License-Identifier: Apache-2.0
package io.tidemark.store.engine;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A directory of the file system. Files are written through channels: a full disk is then an error, not a signal. */
final class DiskStorage implements Storage {
    private static final String LOCK = "LOCK";

    private final Path directory;
    private final FileChannel lockFile;

    private DiskStorage(Path directory, FileChannel lockFile) {
        this.directory = directory;
        this.lockFile = lockFile;
    }

    static DiskStorage open(Path directory) throws IOException {
        Directories.create(directory);
        FileChannel lockFile =
                FileChannel.open(directory.resolve(LOCK), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        try {
            FileLock lock = lockFile.tryLock();
            if (lock == null) {
                lockFile.close();
                throw new DirectoryInUseException(directory.toString(), null);
            }
        } catch (OverlappingFileLockException sameProcess) {
            lockFile.close();
            throw new DirectoryInUseException(directory.toString(), sameProcess);
        } catch (IOException e) {
            lockFile.close();
            throw e;
        }
        return new DiskStorage(directory, lockFile);
    }

    @Override
    public List<String> list() throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.map(file -> String.valueOf(file.getFileName()))
                    .filter(name -> !name.equals(LOCK))
                    .sorted()
                    .toList();
        }
    }

    @Override
    public OutputFile create(String name) throws IOException {
        delete(name);
        return new ChannelFile(FileChannel.open(
                directory.resolve(name),
                StandardOpenOption.CREATE_NEW,
                StandardOpenOption.READ,
                StandardOpenOption.WRITE));
    }

    @Override
    public byte[] read(String name) throws IOException {
        return Files.readAllBytes(directory.resolve(name));
    }

    @Override
    public void read(String name, long offset, ByteBuffer into) throws IOException {
        try (FileChannel channel = FileChannel.open(directory.resolve(name), StandardOpenOption.READ)) {
            fill(channel, offset, into);
        }
    }

    private static void fill(FileChannel channel, long offset, ByteBuffer into) throws IOException {
        long at = offset;
        while (into.hasRemaining()) {
            int read = channel.read(into, at);
            if (read < 0) {
                throw new EOFException("at " + at);
            }
            at += read;
        }
    }

    @Override
    public long size(String name) throws IOException {
        return Files.size(directory.resolve(name));
    }

    @Override
    public Mapping map(String name) throws IOException {
        try (FileChannel channel = FileChannel.open(directory.resolve(name), StandardOpenOption.READ)) {
            return new MappedFile(channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size()));
        }
    }

    @Override
    public void rename(String from, String to) throws IOException {
        Files.move(
                directory.resolve(from),
                directory.resolve(to),
                StandardCopyOption.ATOMIC_MOVE,
                StandardCopyOption.REPLACE_EXISTING);
    }

    @Override
    public void delete(String name) throws IOException {
        Files.deleteIfExists(directory.resolve(name));
    }

    @Override
    public void linkTo(String name, Path target) throws IOException {
        Path source = directory.resolve(name);
        try {
            Files.createLink(target, source);
        } catch (UnsupportedOperationException | FileSystemException refused) {
            copy(source, target);
        }
    }

    static void copy(Path source, Path target) throws IOException {
        try (FileChannel from = FileChannel.open(source, StandardOpenOption.READ);
                FileChannel to = FileChannel.open(target, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            long at = 0;
            while (at < from.size()) {
                at += from.transferTo(at, from.size() - at, to);
            }
            to.force(true);
        }
    }

    static void writeNew(Path target, byte[] bytes) throws IOException {
        try (FileChannel to = FileChannel.open(target, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            ByteBuffer source = ByteBuffer.wrap(bytes);
            while (source.hasRemaining()) {
                to.write(source);
            }
            to.force(true);
        }
    }

    @Override
    public void syncDirectory() throws IOException {
        Directories.sync(directory);
    }

    @Override
    public void close() throws IOException {
        lockFile.close();
    }

    private static final class MappedFile implements Mapping {
        private @Nullable MappedByteBuffer buffer;

        private MappedFile(MappedByteBuffer buffer) {
            this.buffer = buffer;
        }

        @Override
        public ByteBuffer buffer() {
            if (buffer == null) {
                throw new IllegalStateException("unmapped");
            }
            return buffer;
        }

        @Override
        public void unmap() {
            if (buffer != null) {
                Unmapper.unmap(buffer);
                buffer = null;
            }
        }
    }

    private static final class ChannelFile implements OutputFile {
        private final FileChannel channel;

        private ChannelFile(FileChannel channel) {
            this.channel = channel;
        }

        @Override
        public void write(long offset, byte[] bytes, int from, int length) throws IOException {
            ByteBuffer source = ByteBuffer.wrap(bytes, from, length);
            long at = offset;
            while (source.hasRemaining()) {
                at += channel.write(source, at);
            }
        }

        @Override
        public void read(long offset, byte[] into) throws IOException {
            fill(channel, offset, ByteBuffer.wrap(into));
        }

        @Override
        public void sync() throws IOException {
            channel.force(true);
        }

        @Override
        public void close() throws IOException {
            channel.close();
        }
    }
}
