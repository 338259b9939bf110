// SPDX-License-Identifier: Apache-2.0
package io.tidemark.client;

import io.tidemark.client.internal.call.Calls;
import io.tidemark.client.internal.call.Moment;
import io.tidemark.client.internal.session.Seen;
import io.tidemark.client.internal.wire.Names;
import io.tidemark.proto.v1.CommitRequest;
import io.tidemark.proto.v1.CommitResponse;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;

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

    /** The same calls, as futures. */
    public AsyncTidemarkClient async() {
        return new AsyncTidemarkClient(this);
    }

    /** To make, list, change and drop tables. */
    public Tables tables() {
        return new Tables(new ClusterCalls(calls, session));
    }

    /** Who is in the cluster, and how they are doing. */
    public Cluster cluster() {
        return new Cluster(new ClusterCalls(calls, session));
    }

    /**
     * Makes all changes of a transaction, as one commit, if all its conditions hold; else none of them.
     *
     * <pre>{@code
     * client.commit(tx -> tx.ifAbsent(users, "ann").put(users, "ann", "Ann").increment(counters, "users", 1));
     * }</pre>
     */
    public CommitResult commit(Consumer<Transaction> transaction) {
        return commit(transaction, WriteOptions.defaults());
    }

    /** {@link #commit(Consumer)} with options. Expiries are given with each put. */
    public CommitResult commit(Consumer<Transaction> transaction, WriteOptions options) {
        return committing(transaction, options).await();
    }

    Calls calls() {
        return calls;
    }

    Call<?, CommitResult> committing(Consumer<Transaction> building, WriteOptions options) {
        if (options.expiry().isPresent() || options.previousRow()) {
            throw new IllegalArgumentException(
                    "options of a commit: expiry or previous row (expected: neither; an expiry is given with each put)");
        }
        Transaction transaction = new Transaction();
        building.accept(transaction);
        Seen seen = options.session().orElse(session).seen();
        CommitRequest request = transaction.request(options, seen.historyId());
        Moment began = calls.clock().now();
        return Call.write(
                calls.dispatcher()
                        .commit(
                                request,
                                calls.context("commit", options.deadline().orElse(null), false)),
                answer -> {
                    CommitResponse response = answer.message();
                    Header header = calls.header(answer, seen, began);
                    return response.hasIndex()
                            ? new Committed(request, response, header)
                            : new Refused(request, response, header);
                });
    }

    /** Ends every call that is under way, with a {@link ClosedException}, and every connection. Does nothing the second time. */
    @Override
    public void close() {
        calls.streams().open().close();
        calls.dispatcher().close();
    }
}
