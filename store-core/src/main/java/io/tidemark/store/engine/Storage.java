// SPDX-License-Identifier: Apache-2.0
package io.tidemark.store.engine;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;

/**
 * Every file operation of the engine, on one directory, so that tests can make each of them fail. A file's bytes are
 * durable after its {@code sync}, its name (created, renamed, deleted) after {@link #syncDirectory}.
 */
interface Storage extends Closeable {
    List<String> list() throws IOException;

    /**
     * Creates an empty file. One that is there loses its name and is not written to: it may be a link to a checkpoint
     * elsewhere, or have failed to sync, after which a later sync of the same file says nothing.
     */
    OutputFile create(String name) throws IOException;

    byte[] read(String name) throws IOException;

    /** Fills the buffer; the file must be long enough. */
    void read(String name, long offset, ByteBuffer into) throws IOException;

    long size(String name) throws IOException;

    Mapping map(String name) throws IOException;

    /** Atomically replaces the target. */
    void rename(String from, String to) throws IOException;

    void delete(String name) throws IOException;

    /**
     * Gives a finished file a second name, or copies it where the file system refuses that. Its bytes are then durable,
     * the new name once its directory is synced.
     */
    void linkTo(String name, Path target) throws IOException;

    void syncDirectory() throws IOException;

    /** Frees the directory's lock. */
    @Override
    void close() throws IOException;

    /** A file being written. */
    interface OutputFile extends Closeable {
        void write(long offset, byte[] bytes, int from, int length) throws IOException;

        void read(long offset, byte[] into) throws IOException;

        void sync() throws IOException;
    }

    /** A file's bytes for reading; not to be touched after {@link #unmap}. */
    interface Mapping {
        ByteBuffer buffer();

        void unmap();
    }
}
