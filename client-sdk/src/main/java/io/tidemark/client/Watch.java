// SPDX-License-Identifier: Apache-2.0
package io.tidemark.client;

import io.tidemark.api.SessionToken;
import io.tidemark.client.internal.call.Calls;
import io.tidemark.client.internal.dispatch.ReadAsk;
import io.tidemark.client.internal.session.Seen;
import io.tidemark.client.internal.stream.Delivery;
import io.tidemark.client.internal.stream.Intake;
import io.tidemark.client.internal.watch.EventDecoder;
import io.tidemark.client.internal.watch.Place;
import io.tidemark.client.internal.watch.WatchSpec;
import io.tidemark.client.internal.watch.Watching;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The changes of rows, from now on or from a place in history: say which, then take them as {@link #events()}, or have a listener
 * told by {@link #start}.
 *
 * <!-- snippet watch -->
 * <pre>{@code
 * WatchHandle watch = users.watch().prefix("eu/").start(event -> {
 *     for (Change<String> change : event.changes()) {
 *         if (change instanceof Change.Put<String> put) {
 *             System.out.println(put.key() + " is now " + put.row().value());
 *         } else {
 *             System.out.println(change.key() + " is gone");
 *         }
 *     }
 * });
 * }</pre>
 *
 * <p>Every change comes once, in order, commits whole, for as long as the watch is open: it goes on behind the last commit, at another
 * server, whenever one is lost, says nothing for longer than it may, or hands its shards over. It never ends silently: {@link WatchEvent}
 * has what it tells of itself.
 *
 * <p><b>What is there already, and then what changes.</b> {@link #snapshotFirst()} does both, and does it anew if history is lost. By
 * hand, with state of one's own:
 *
 * <!-- snippet scan-then-watch -->
 * <pre>{@code
 * String token;
 * try (Rows<String> rows = users.scan().rows()) {
 *     rows.forEach(row -> keys.add(row.key()));
 *     token = rows.token();
 * }
 * try (WatchEvents<String> events = users.watch().after(token).events()) {
 *     for (WatchEvent<String> event : events) {
 *         event.changes().forEach(change -> keys.add(change.key()));
 *         token = event.token().orElse(token); // to go on from here another time
 *     }
 * }
 * }</pre>
 *
 * <p><b>Whoever is slow</b> makes the server wait: up to {@link #bufferBytes} is held here, and no more asked for. A server that has waited
 * for half a minute ends its side; the watch tells that ({@code WATCHER_TOO_SLOW}) and goes on where it was, as long as history is kept:
 * five minutes, unless the cluster was configured otherwise. What is then missing is {@link WatchEvent.HistoryLost}.
 *
 * <p>Immutable, and for any thread.
 */
public final class Watch<V> {

    private static final Logger log = LoggerFactory.getLogger(Watch.class);

    private final Calls calls;
    private final Session session;
    private final Codec<V> codec;
    private final Consistency consistency;
    private final @Nullable String table;
    private final WatchSpec spec;

    /** Of one table: all of its rows, unless some are said. */
    Watch(Calls calls, Session session, Codec<V> codec, Consistency consistency, String table) {
        this(calls, session, codec, consistency, table, WatchSpec.of(List.of()));
    }

    /** Of whatever the filters say, and of everything if there is none. */
    Watch(Calls calls, Session session, Codec<V> codec, Consistency consistency, List<WatchFilter> filters) {
        this(calls, session, codec, consistency, null, WatchSpec.of(filters));
    }

    private Watch(
            Calls calls,
            Session session,
            Codec<V> codec,
            Consistency consistency,
            @Nullable String table,
            WatchSpec spec) {
        this.calls = calls;
        this.session = session;
        this.codec = codec;
        this.consistency = consistency;
        this.table = table;
        this.spec = spec;
    }

    private Watch<V> with(WatchSpec other) {
        return new Watch<>(calls, session, codec, consistency, table, other);
    }

    /** This row, and what else was said. */
    public Watch<V> key(String key) {
        return filter(WatchFilter.key(table("key"), key));
    }

    /** The rows whose keys start so, and what else was said. */
    public Watch<V> prefix(String prefix) {
        return filter(WatchFilter.prefix(table("prefix"), prefix));
    }

    /**
     * The rows from a key to another, and what else was said.
     *
     * @param start the first key; null: from the beginning
     * @param end the first key beyond; null: to the end
     */
    public Watch<V> range(@Nullable String start, @Nullable String end) {
        return filter(WatchFilter.range(table("range"), start, end));
    }

    /** Those rows, of whichever table, and what else was said. A change that several filters match is told once. */
    public Watch<V> filter(WatchFilter filter) {
        Objects.requireNonNull(filter, "filter");
        List<WatchFilter> filters = new ArrayList<>(spec.filters());
        filters.add(filter);
        return with(spec.withFilters(filters));
    }

    private String table(String what) {
        if (table == null) {
            throw new IllegalStateException(
                    "watch: a " + what + " without a table (expected: a watch of a table, or filter(WatchFilter." + what
                            + "(table, ...)))");
        }
        return table;
    }

    /**
     * Changes behind that state, instead of from now on.
     *
     * @param token of an event, a result or a session: what that has seen is not told again
     * @throws InvalidRequestException if it is no token
     */
    public Watch<V> after(String token) {
        SessionToken parsed = Tokens.parse(token);
        return with(spec.beginning(new Place(parsed.history().text(), parsed.index()), false));
    }

    /**
     * First the rows as they are, as {@link WatchEvent.Snapshot}, then what changes behind them; and again from the start, instead of an
     * end, when history is lost. They are as fresh as reads of the table or the client are unless said otherwise.
     */
    public Watch<V> snapshotFirst() {
        return with(spec.beginning(null, true));
    }

    /** {@link #snapshotFirst()}, so fresh: not as of the past, which could not be read anew. */
    public Watch<V> snapshotFirst(Consistency freshness) {
        Objects.requireNonNull(freshness, "freshness");
        return new Watch<>(calls, session, codec, freshness, table, spec.beginning(null, true));
    }

    /** Rows without their values: keys, versions, indexes and times. */
    public Watch<V> withoutValues() {
        return with(spec.withRows(false, spec.previous()));
    }

    /** Changes with the row as it was before. Costs the server a read for each. */
    public Watch<V> withPrevious() {
        return with(spec.withRows(spec.values(), true));
    }

    /**
     * A watch from now on begins behind what this session has seen, and the session has seen what the watch tells: reads in it are not
     * older. Unless said, the session of the table or the client.
     */
    public Watch<V> in(Session other) {
        Objects.requireNonNull(other, "session");
        return new Watch<>(calls, other, codec, consistency, table, spec);
    }

    /**
     * How often there is a sign of life. Whoever is silent for twice as long and a second is taken for lost. Default 1 s, at least 100 ms.
     */
    public Watch<V> heartbeat(Duration interval) {
        Objects.requireNonNull(interval, "interval");
        return with(spec.withHeartbeat(interval));
    }

    /** How much may be held that was not taken yet; a few messages and one commit may come on top. Default 4 MiB. */
    public Watch<V> bufferBytes(long bytes) {
        return with(spec.withBytes(bytes, spec.commitBytesMax()));
    }

    /** How much one commit may bring; the watch ends at one that brings more. Default 80 MiB, which is what clusters allow. */
    public Watch<V> commitBytesMax(long bytes) {
        return with(spec.withBytes(spec.bufferBytes(), bytes));
    }

    /** Begins, and has events taken one after the other. To be closed. Does not wait: while no server can be reached, it tries. */
    public WatchEvents<V> events() {
        Seen seen = session.seen();
        Watching watching = watching(seen);
        WatchEvents<V> events = new WatchEvents<>(intake(watching, seen));
        watching.start();
        return events;
    }

    /** Begins, and has the listener told of events, on a thread of the client. Does not wait: while no server can be reached, it tries. */
    public WatchHandle start(WatchListener<V> listener) {
        return start(listener, calls.streams().callers());
    }

    /**
     * Begins, and has the listener told of events, on the executor, or where that takes no more, on a thread of the SDK. Does not wait:
     * while no server can be reached, it tries.
     */
    public WatchHandle start(WatchListener<V> listener, Executor executor) {
        Objects.requireNonNull(listener, "listener");
        Objects.requireNonNull(executor, "executor");
        Seen seen = session.seen();
        Watching watching = watching(seen);
        Intake<?, WatchEvent<V>> intake = intake(watching, seen);
        WatchHandle handle = new WatchHandle(intake::close);
        Delivery<WatchEvent<V>> delivery =
                new Delivery<>(intake, executor, listener::onEvent, failure -> end(listener, handle, failure));
        watching.start();
        delivery.start();
        return handle;
    }

    private static void end(WatchListener<?> listener, WatchHandle handle, @Nullable Throwable failure) {
        if (failure != null && !(failure instanceof ClosedException)) {
            log.warn("a watch ended: {}", failure.getMessage(), failure);
        }
        try {
            listener.onEnd(Optional.ofNullable(failure));
        } finally {
            handle.over(failure);
        }
    }

    private Watching watching(Seen seen) {
        List<WatchFilter> filters = spec.filters();
        if (filters.isEmpty() && table != null) {
            filters = List.of(WatchFilter.table(table));
        }
        if (filters.isEmpty() && spec.snapshotFirst()) {
            throw new IllegalArgumentException("watch: a snapshot of everything (expected: filters that name tables)");
        }
        if (spec.snapshotFirst()
                && (consistency instanceof Consistency.AsOfIndex || consistency instanceof Consistency.AsOfTime)) {
            throw new IllegalArgumentException(
                    "watch: a snapshot as of the past, which is read anew when history is lost"
                            + " (expected: another consistency; after(token) goes on from a state of the past)");
        }
        return new Watching(spec.withFilters(filters), snapshotAsk(seen), seen, calls.streams());
    }

    private @Nullable ReadAsk snapshotAsk(Seen seen) {
        if (!spec.snapshotFirst()) {
            return null;
        }
        ReadOptions options = ReadOptions.defaults();
        return Call.read(
                        null,
                        calls.ask(calls.context("watch", null, false), consistency, options, seen),
                        Function.<ReadAsk>identity())
                .await();
    }

    private Intake<?, WatchEvent<V>> intake(Watching watching, Seen seen) {
        return new Intake<>(watching.buffer(), new EventDecoder<>(codec, seen, session::seen), watching::close);
    }
}
