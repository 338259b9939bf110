// SPDX-License-Identifier: Apache-2.0
package io.tidemark.client;

import io.tidemark.client.internal.call.Calls;
import io.tidemark.client.internal.wire.Names;
import java.time.Duration;
import java.util.List;
import java.util.Objects;

/**
 * A cluster, as its users see it. One is enough for a process: it keeps connections to all servers, learns from them who serves what,
 * and sends calls that are made at the same time together.
 *
 * <!-- snippet quickstart -->
 * <pre>{@code
 * }</pre>
 *
 * <p>Reads are as of a {@link Consistency}, unless said otherwise {@code session().maxStaleness(5 s)}: they cover what this client wrote and saw,
 * and are at most five seconds old. Calls end within their deadline, unless said otherwise 5 s, with a result or a
 * {@link TidemarkException}.
 *
 * <p>For any thread. {@link #close()} ends every call that is under way.
 */
public final class TidemarkClient implements AutoCloseable {

    /** How long a call may take that has no deadline of its own, unless the builder says otherwise. */
    public static final Duration DEADLINE_DEFAULT = Duration.ofSeconds(5);

    /** What reads ask for that do not say, unless the builder says otherwise. */
    public static final Consistency CONSISTENCY_DEFAULT = Consistency.session().maxStaleness(Duration.ofSeconds(5));

    private final Calls calls;
    private final Session session;

    TidemarkClient(Calls calls, Session session) {
        this.calls = calls;
        this.session = session;
    }

    /** A table of text. Nothing is asked of the servers: whether it exists shows with the first call. */
    public Table<String> table(String name) {
        return table(name, Codec.string());
    }

    /** A table of whatever the codec makes of its values. */
    public <V> Table<V> table(String name, Codec<V> codec) {
        Objects.requireNonNull(codec, "codec");
        return new Table<>(new TableCalls<>(Names.requireTable(name), codec, calls, session, null));
    }

    /** Changes of the rows that the filters match, of any table; of everything, if there is no filter. Values come as bytes. */
    public Watch<byte[]> watch(WatchFilter... filters) {
        return watch(Codec.bytes(), filters);
    }

    /** Changes of the rows that the filters match, of tables whose values the codec reads; of everything, if there is no filter. */
    public <V> Watch<V> watch(Codec<V> codec, WatchFilter... filters) {
        Objects.requireNonNull(codec, "codec");
        return new Watch<>(calls, session, codec, calls.consistency(), List.of(filters));
    }

    /** The session of all calls that do not say another one. */
    public Session session() {
        return session;
    }

    /** A session of its own, that has seen nothing yet. */
    public Session newSession() {
        return Session.create();
    }

    /** Ends every call that is under way, with a {@link ClosedException}, and every connection. Does nothing the second time. */
    @Override
    public void close() {
        calls.dispatcher().close();
    }
}
