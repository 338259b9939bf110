// SPDX-License-Identifier: Apache-2.0
package io.tidemark.store.engine;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A directory, and what it takes of its file system: a file that was deleted counts until it is unmapped. */
final class SpaceMeter implements Storage {
    private static final class Size {
        private long bytes;
        private int mappings;
        private boolean named = true;
    }

    private final Storage storage;
    private final Map<String, Size> names = new HashMap<>();
    private long usedBytes;
    private long writtenBytes;

    /** @param storage empty */
    SpaceMeter(Storage storage) {
        this.storage = storage;
    }

    synchronized long usedBytes() {
        return usedBytes;
    }

    synchronized long writtenBytes() {
        return writtenBytes;
    }

    private void unnamed(Size size) {
        size.named = false;
        if (size.mappings == 0) {
            usedBytes -= size.bytes;
        }
    }

    private synchronized void created(String name, Size size) {
        Size before = names.put(name, size);
        if (before != null) {
            unnamed(before);
        }
    }

    private synchronized void wrote(Size size, long end, long length) {
        writtenBytes += length;
        usedBytes += Math.max(0, end - size.bytes);
        size.bytes = Math.max(end, size.bytes);
    }

    private synchronized Size sizeOf(String name) throws IOException {
        Size size = names.get(name);
        if (size == null) {
            throw new IOException(name);
        }
        return size;
    }

    private synchronized void mapped(Size size, int by) {
        size.mappings += by;
        if (size.mappings == 0 && !size.named) {
            usedBytes -= size.bytes;
        }
    }

    @Override
    public List<String> list() throws IOException {
        return storage.list();
    }

    @Override
    public OutputFile create(String name) throws IOException {
        OutputFile file = storage.create(name);
        Size size = new Size();
        created(name, size);
        return new OutputFile() {
            @Override
            public void write(long offset, byte[] bytes, int from, int length) throws IOException {
                file.write(offset, bytes, from, length);
                wrote(size, offset + length, length);
            }

            @Override
            public void read(long offset, byte[] into) throws IOException {
                file.read(offset, into);
            }

            @Override
            public void sync() throws IOException {
                file.sync();
            }

            @Override
            public void close() throws IOException {
                file.close();
            }
        };
    }

    @Override
    public byte[] read(String name) throws IOException {
        return storage.read(name);
    }

    @Override
    public void read(String name, long offset, ByteBuffer into) throws IOException {
        storage.read(name, offset, into);
    }

    @Override
    public long size(String name) throws IOException {
        return storage.size(name);
    }

    @Override
    public Mapping map(String name) throws IOException {
        Mapping mapping = storage.map(name);
        Size size = sizeOf(name);
        mapped(size, 1);
        return new Mapping() {
            @Override
            public ByteBuffer buffer() {
                return mapping.buffer();
            }

            @Override
            public void unmap() {
                mapping.unmap();
                mapped(size, -1);
            }
        };
    }

    @Override
    public void rename(String from, String to) throws IOException {
        storage.rename(from, to);
        renamed(from, to);
    }

    private synchronized void renamed(String from, String to) {
        Size size = names.remove(from);
        if (size != null) {
            created(to, size);
        }
    }

    @Override
    public void delete(String name) throws IOException {
        storage.delete(name);
        deleted(name);
    }

    private synchronized void deleted(String name) {
        Size size = names.remove(name);
        if (size != null) {
            unnamed(size);
        }
    }

    @Override
    public void linkTo(String name, Path target) throws IOException {
        storage.linkTo(name, target);
    }

    @Override
    public void syncDirectory() throws IOException {
        storage.syncDirectory();
    }

    @Override
    public void close() throws IOException {
        storage.close();
    }
}
