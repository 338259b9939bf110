// SPDX-License-Identifier: Apache-2.0
package io.tidemark.client.internal.scan;

import io.tidemark.client.Header;
import io.tidemark.client.TidemarkException;
import io.tidemark.client.internal.stream.Buffer;
import io.tidemark.proto.v1.ResponseHeader;
import io.tidemark.proto.v1.Row;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Keeps the rows of a streamed scan for whoever reads them, and tells what they are as of. Rows that came before the scan failed are
 * given before the failure.
 */
final class RowSink implements ScanSink {

    private final Buffer<List<Row>> buffer;
    private final RowStream.Opening opening;
    private final CompletableFuture<Header> header = new CompletableFuture<>();

    RowSink(long bufferBytes, RowStream.Opening opening) {
        this.buffer = new Buffer<>(bufferBytes);
        this.opening = opening;
    }

    Buffer<List<Row>> buffer() {
        return buffer;
    }

    /** What all rows are as of, once that is known. */
    CompletableFuture<Header> header() {
        return header;
    }

    @Override
    public void begun(ResponseHeader first, String address, long sentNanos, int attempts) {
        header.complete(opening.begun(first, address, sentNanos, attempts));
    }

    @Override
    public boolean hasRoom() {
        return buffer.hasRoom();
    }

    @Override
    public void rows(List<Row> rows, long bytes) {
        buffer.put(rows, bytes);
    }

    @Override
    public void broke(TidemarkException failure) {
        // Whoever takes rows waits for the next one.
    }

    @Override
    public void over(@Nullable TidemarkException failure) {
        buffer.end(failure);
        if (failure != null) {
            header.completeExceptionally(failure);
        } else {
            header.cancel(false);
        }
    }
}
