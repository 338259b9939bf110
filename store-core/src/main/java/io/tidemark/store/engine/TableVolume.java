// SPDX-License-Identifier: Apache-2.0
package io.tidemark.store.engine;

import java.io.File;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;
import org.mapdb.volume.Volume;

/** A MapDB volume that can do only what a sorted table asks of it; everything else is refused. */
abstract class TableVolume extends Volume {
    @Override
    public void ensureAvailable(long offset) {}

    @Override
    public void truncate(long size) {
        throw new UnsupportedOperationException("truncate");
    }

    @Override
    public void putLong(long offset, long value) {
        throw new UnsupportedOperationException("putLong");
    }

    @Override
    public void putInt(long offset, int value) {
        throw new UnsupportedOperationException("putInt");
    }

    @Override
    public void putByte(long offset, byte value) {
        throw new UnsupportedOperationException("putByte");
    }

    @Override
    public void putData(long offset, byte[] src, int srcPos, int srcSize) {
        throw new UnsupportedOperationException("putData");
    }

    @Override
    public void putData(long offset, ByteBuffer buf) {
        throw new UnsupportedOperationException("putData");
    }

    @Override
    public void getData(long offset, byte[] bytes, int bytesPos, int size) {
        throw new UnsupportedOperationException("getData");
    }

    @Override
    public void clear(long startOffset, long endOffset) {
        throw new UnsupportedOperationException("clear");
    }

    @Override
    public void close() {}

    @Override
    public void sync() {}

    @Override
    public int sliceSize() {
        return -1;
    }

    @Override
    public boolean isSliced() {
        return false;
    }

    @Override
    public boolean isReadOnly() {
        return false;
    }

    @Override
    @SuppressWarnings("NullAway") // MapDB allows null for a volume without a file
    public File getFile() {
        return (@Nullable File) null;
    }

    @Override
    public boolean getFileLocked() {
        return false;
    }
}
