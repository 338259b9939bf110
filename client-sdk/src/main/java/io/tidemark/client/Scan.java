// SPDX-License-Identifier: Apache-2.0
package io.tidemark.client;

import io.tidemark.client.internal.call.Begun;
import io.tidemark.client.internal.call.Calls;
import io.tidemark.client.internal.dispatch.Answer;
import io.tidemark.client.internal.dispatch.ReadAsk;
import io.tidemark.client.internal.scan.RowStream;
import io.tidemark.client.internal.scan.ScanSpec;
import io.tidemark.client.internal.session.Seen;
import io.tidemark.client.internal.stream.Publication;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Flow;
import java.util.function.Function;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;

/**
 * Rows of a table in the order of their keys, all as of one index, however many there are: say which, then take them page by page, or as
 * a stream.
 *
 * <!-- snippet scan -->
 * <pre>{@code
 * Scan<String> europeans = users.scan().prefix("eu/").limit(10_000);
 *
 * Page<String> page = europeans.pageSize(100).page();
 * String next = page.nextPageToken().orElse(null);
 *
 * long count = 0;
 * try (Rows<String> rows = europeans.rows()) {
 *     for (Row<String> row : rows) {
 *         count += row.version();
 *     }
 * }
 * }</pre>
 *
 * <p><b>Pages</b> suit callers who come back for more, perhaps elsewhere: {@link Page#nextPageToken()} is all that they need. Each page is a
 * call with a deadline of its own.
 *
 * <p><b>Streams</b> ({@link #rows()}, {@link #stream()}, {@link #publisher()}) suit whoever reads on. They hold no more than
 * {@link #bufferBytes} and about two messages in memory, and the server reads no faster than rows are taken. When its server is lost, a
 * stream goes on at another one behind the last row: none is lost or doubled. Their deadline is for each step: it limits how long nothing
 * may come although rows are wanted, whichever servers are tried meanwhile; as a whole a stream may take as long as the state that it is
 * of is kept, which is five minutes from the next commit on unless the cluster was configured otherwise. Then it fails with
 * {@link HorizonPassedException}: scan in parts, or take the rows quicker.
 *
 * <p>Immutable, and for any thread.
 */
public final class Scan<V> {

    private static final long BUFFER_BYTES_DEFAULT = 1 << 20;

    private final TableCalls<V> calls;
    private final ScanSpec spec;
    private final ReadOptions options;
    private final int pageSize;
    private final long bufferBytes;

    Scan(TableCalls<V> calls) {
        this(calls, ScanSpec.all(calls.table()), ReadOptions.defaults(), 0, BUFFER_BYTES_DEFAULT);
    }

    private Scan(TableCalls<V> calls, ScanSpec spec, ReadOptions options, int pageSize, long bufferBytes) {
        this.calls = calls;
        this.spec = spec;
        this.options = options;
        this.pageSize = pageSize;
        this.bufferBytes = bufferBytes;
    }

    /** Rows whose keys start so, instead of any range said before. */
    public Scan<V> prefix(String prefix) {
        Objects.requireNonNull(prefix, "prefix");
        return with(spec.ofPrefix(prefix));
    }

    /** Rows from this key on, which is included, instead of any prefix said before. */
    public Scan<V> from(String start) {
        Objects.requireNonNull(start, "start");
        return with(spec.ofRange(start, spec.end()));
    }

    /** Rows before this key, which is not included, instead of any prefix said before. */
    public Scan<V> to(String end) {
        Objects.requireNonNull(end, "end");
        return with(spec.ofRange(spec.start(), end));
    }

    /** The last key first. */
    public Scan<V> descending() {
        return with(spec.inOrder(true));
    }

    /** At most so many rows, over all pages. */
    public Scan<V> limit(long rows) {
        requirePositive("limit", rows);
        return with(spec.limitedTo(rows));
    }

    /** How fresh it must be. */
    public Scan<V> with(Consistency consistency) {
        return with(options.withConsistency(consistency));
    }

    /** How fresh it must be, its session, its deadline, and whether rows come with their values. */
    public Scan<V> with(ReadOptions options) {
        Objects.requireNonNull(options, "options");
        return new Scan<>(calls, spec.withValues(options.values()), options, pageSize, bufferBytes);
    }

    /** Rows without their values: keys, versions, indexes and times. */
    public Scan<V> withoutValues() {
        return with(options.withoutValues());
    }

    /** At most so many rows in a page, which may hold fewer without being the last. Unless said, the server's default. */
    public Scan<V> pageSize(int rows) {
        requirePositive("page size", rows);
        return new Scan<>(calls, spec, options, rows, bufferBytes);
    }

    /** How much a stream may hold that was not taken yet. Default 1 MiB. */
    public Scan<V> bufferBytes(long bytes) {
        requirePositive("buffer bytes", bytes);
        return new Scan<>(calls, spec, options, pageSize, bytes);
    }

    private Scan<V> with(ScanSpec other) {
        return new Scan<>(calls, other, options, pageSize, bufferBytes);
    }

    private static void requirePositive(String what, long number) {
        if (number <= 0) {
            throw new IllegalArgumentException(what + ": " + number + " (expected: > 0)");
        }
    }

    /** The first page. */
    public Page<V> page() {
        return new Paging<>(calls, spec, options, pageSize).page(null).await();
    }

    /**
     * The page that a token names, as of the index of the first. Say the same rows and order as for that; everything else may differ.
     *
     * @param token as {@link Page#nextPageToken()} gave it, here or in another process
     * @throws HorizonPassedException if that state is no longer kept
     */
    public Page<V> page(String token) {
        Objects.requireNonNull(token, "token");
        return new Paging<>(calls, spec, options, pageSize).page(token).await();
    }

    /** {@link #page()}, to come. */
    public CompletableFuture<Page<V>> pageAsync() {
        return pageAsync(null);
    }

    /** {@link #page(String)}, to come; null: the first. */
    public CompletableFuture<Page<V>> pageAsync(@Nullable String token) {
        return Call.begin(
                () -> new Paging<>(calls, spec, options, pageSize).page(token),
                calls.calls().executor());
    }

    /** All rows, as they come. Waits until it is known which index they are as of. To be closed. */
    public Rows<V> rows() {
        RowStream stream = begin();
        try {
            Header header = Call.read(null, stream.header(), Function.<Header>identity())
                    .await();
            return new Rows<>(stream.intake(calls.codec()), header);
        } catch (RuntimeException e) {
            stream.close();
            throw e;
        }
    }

    /** {@link #rows()}, as a stream that is to be closed. */
    public Stream<Row<V>> stream() {
        Rows<V> rows = rows();
        return StreamSupport.stream(rows.spliterator(), false).onClose(rows::close);
    }

    /**
     * All rows, to each subscriber on its own, as fast as it asks for them, on a thread of the client. Nothing is asked of the servers
     * before somebody subscribes. A subscriber that throws ends its subscription.
     */
    public Flow.Publisher<Row<V>> publisher() {
        return new Publication<>(
                () -> begin().intake(calls.codec()), calls.calls().streams().callers());
    }

    private RowStream begin() {
        Calls client = calls.calls();
        Seen seen = options.session().orElse(calls.session()).seen();
        Consistency asked = calls.consistency(options);
        Begun begun = client.begin("scan", asked, options);
        Duration step = Duration.ofNanos(
                begun.context().deadlineNanos() - client.dispatcher().nanoTime());
        CompletableFuture<ReadAsk> ask = client.ask(begun.context(), asked, options, seen);
        RowStream stream = RowStream.begin(
                spec,
                Call.read(null, ask, Function.<ReadAsk>identity()).await(),
                step,
                bufferBytes,
                (header, address, sentNanos, attempts) -> client.header(
                        new Answer<>(header, sentNanos, address, attempts), header, header.getReadIndex(), seen, begun),
                client.streams());
        // To whoever observes, a scan is how long it took until it could be read.
        var unused = stream.header().whenComplete((header, failure) -> {
            if (failure == null) {
                begun.ended("ok", header);
            } else {
                begun.failed(failure);
            }
        });
        return stream;
    }
}
