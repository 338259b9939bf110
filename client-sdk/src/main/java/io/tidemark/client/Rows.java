// SPDX-License-Identifier: Apache-2.0
package io.tidemark.client;

import io.tidemark.client.internal.stream.BlockingReader;
import io.tidemark.client.internal.stream.Intake;
import java.util.Iterator;

/**
 * The rows of a {@link Scan}, as they come, all as of {@link #index()}. To be read once, by one thread; to be closed, by any.
 *
 * <p>Reading waits for the next row, and fails with a {@link TidemarkException} when it cannot come. After a {@link CodecException} reading
 * may go on behind the row that it is about.
 */
public final class Rows<V> implements Result, Iterable<Row<V>>, AutoCloseable {

    private final BlockingReader<Row<V>> reader;
    private final Header header;

    Rows(Intake<?, Row<V>> intake, Header header) {
        this.reader = new BlockingReader<>(intake);
        this.header = header;
    }

    /** Always the same one: rows that were read do not come again. */
    @Override
    public Iterator<Row<V>> iterator() {
        return new CallersStack<>(reader);
    }

    @Override
    public Header header() {
        return header;
    }

    /** Reads no more, and ends the server's side at once. Does nothing the second time, or when all was read. */
    @Override
    public void close() {
        reader.close();
    }
}
