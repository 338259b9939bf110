// SPDX-License-Identifier: Apache-2.0
package io.tidemark.client.internal.scan;

import io.tidemark.client.Codec;
import io.tidemark.client.Header;
import io.tidemark.client.internal.dispatch.ReadAsk;
import io.tidemark.client.internal.stream.Intake;
import io.tidemark.client.internal.stream.ResumingStream;
import io.tidemark.client.internal.stream.StreamServices;
import io.tidemark.client.internal.wire.Values;
import io.tidemark.proto.v1.ResponseHeader;
import io.tidemark.proto.v1.Row;
import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** A streamed scan that is under way. */
public final class RowStream implements AutoCloseable {

    private final RowSink sink;
    private final ResumingStream<?, ?> stream;

    /** Reads what the first message says of all rows, as in {@link ScanSink#begun}. */
    public interface Opening {
        Header begun(ResponseHeader header, String address, long sentNanos, int attempts);
    }

    private RowStream(RowSink sink, ResumingStream<?, ?> stream) {
        this.sink = sink;
        this.stream = stream;
    }

    /**
     * Begins one.
     *
     * @param step how long nothing may come although there is room
     */
    public static RowStream begin(
            ScanSpec spec, ReadAsk ask, Duration step, long bufferBytes, Opening opening, StreamServices services) {
        RowSink sink = new RowSink(bufferBytes, opening);
        ResumingStream<?, ?> stream = new ResumingStream<>(new ScanCourse(spec, ask, step, sink), services);
        sink.buffer().onRoom(stream::roomCame);
        stream.start(Duration.ZERO);
        return new RowStream(sink, stream);
    }

    /** What all rows are as of, once that is known. */
    public CompletableFuture<Header> header() {
        return sink.header();
    }

    /** For the one who takes the rows. */
    public <V> Intake<?, io.tidemark.client.Row<V>> intake(Codec<V> codec) {
        return new Intake<>(
                sink.buffer(), // Rows come behind the header.
                rows -> decoded(rows, codec, sink.header().join().historyId()),
                this::close);
    }

    /** Row by row: one that the codec cannot read does not keep the next from being read. */
    private static <V> Iterator<io.tidemark.client.Row<V>> decoded(List<Row> rows, Codec<V> codec, String historyId) {
        Iterator<Row> raw = rows.iterator();
        return new Iterator<>() {
            @Override
            public boolean hasNext() {
                return raw.hasNext();
            }

            @Override
            public io.tidemark.client.Row<V> next() {
                return Values.row(codec, raw.next(), historyId);
            }
        };
    }

    /** Ends it, and the server's side with it. */
    @Override
    public void close() {
        stream.end(null);
    }
}
