// SPDX-License-Identifier: Apache-2.0
package io.tidemark.client;

import io.tidemark.client.internal.call.Begun;
import io.tidemark.client.internal.call.Callbacks;
import io.tidemark.client.internal.call.Calls;
import io.tidemark.client.internal.call.Moment;
import io.tidemark.client.internal.call.Observations;
import io.tidemark.client.internal.dispatch.DispatchObserver;
import io.tidemark.client.internal.dispatch.DispatchOptions;
import io.tidemark.client.internal.dispatch.Dispatcher;
import io.tidemark.client.internal.dispatch.GrpcDispatcher;
import io.tidemark.client.internal.gateway.Gateway;
import io.tidemark.client.internal.session.Seen;
import io.tidemark.client.internal.wire.Names;
import io.tidemark.proto.v1.CommitRequest;
import io.tidemark.proto.v1.CommitResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A cluster, as its users see it. One is enough for a process: it keeps connections to all servers, learns from them who serves what,
 * and sends calls that are made at the same time together.
 *
 * <!-- snippet quickstart -->
 * <pre>{@code
 * try (TidemarkClient client = TidemarkClient.connect("127.0.0.1:7400")) {
 *     Table<String> users = client.table("users");
 *     users.put("ann", "Ann");
 *     GetResult<String> ann = users.get("ann");
 *     System.out.println(ann.value().orElse("nobody") + " as of index " + ann.index());
 * }
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

    static {
        Gateway.opensBy(TidemarkClient::calls);
    }

    private final Calls calls;
    private final Session session;

    TidemarkClient(Calls calls, Session session) {
        this.calls = calls;
        this.session = session;
    }

    /**
     * A client with all defaults. Nothing is waited for: the servers are sought while the first calls are under way.
     *
     * @param endpoints some of the servers, {@code host:port}, separated by commas; the others are learned from them
     */
    public static TidemarkClient connect(String endpoints) {
        return builder().endpoints(endpoints).build();
    }

    /** A client that is put together part by part. */
    public static Builder builder() {
        return new Builder();
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
        return new Tables(new ClusterCalls(calls, session, null));
    }

    /** Who is in the cluster, and how they are doing. */
    public Cluster cluster() {
        return new Cluster(new ClusterCalls(calls, session, null));
    }

    /**
     * Makes all changes of a transaction, as one commit, if all its conditions hold; else none of them.
     *
     * <!-- snippet commit -->
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
        Begun begun = calls.begin("commit", options.deadline().orElse(null));
        return Call.write(begun, begun.handOver(() -> calls.dispatcher().commit(request, begun.context())), answer -> {
            CommitResponse response = answer.message();
            Header header = calls.header(answer, seen, begun);
            return response.hasIndex()
                    ? new Committed(request, response, header)
                    : new Refused(request, response, header);
        });
    }

    /** Ends every call that is under way, with a {@link ClosedException}, and every connection. Does nothing the second time. */
    @Override
    public void close() {
        calls.streams().close();
        calls.dispatcher().close();
    }

    /**
     * What a client is like. Everything but the endpoints has a default that suits most.
     *
     * <!-- snippet builder -->
     * <pre>{@code
     * TidemarkClient client = TidemarkClient.builder()
     *         .endpoints("tidemark-1:7400,tidemark-2:7400")
     *         .zone("eu-west-1a")
     *         .deadline(Duration.ofSeconds(2))
     *         .consistency(Consistency.maxStaleness(Duration.ofSeconds(1)))
     *         .backPressure(BackPressure.FAIL)
     *         .build();
     * }</pre>
     */
    public static final class Builder {

        private @Nullable String endpoints;
        private @Nullable String zone;
        private Duration deadline = DEADLINE_DEFAULT;
        private Consistency consistency = CONSISTENCY_DEFAULT;
        private @Nullable Session session;
        private Executor executor = Callbacks.pool();
        private BackPressure backPressure = BackPressure.BLOCK;
        private int outstandingCallsMax = 100_000;
        private long outstandingBytesMax = 64L << 20;
        private boolean hedging;
        private double hedgedShareMax = 0.05;
        private boolean batching = true;
        private final List<ClientObserver> observers = new ArrayList<>();

        private Builder() {}

        /**
         * Some of the servers, {@code host:port}, separated by commas; the others are learned from them. Behind a name may stand any number
         * of servers, and it is looked up again when none of them answers.
         */
        public Builder endpoints(String endpoints) {
            this.endpoints = Objects.requireNonNull(endpoints, "endpoints");
            return this;
        }

        /** Where this process runs: servers of the same zone are asked first. */
        public Builder zone(String zone) {
            this.zone = Objects.requireNonNull(zone, "zone");
            return this;
        }

        /** How long a call may take that has no deadline of its own: 5 s unless said. */
        public Builder deadline(Duration deadline) {
            Durations.requirePositive("deadline", deadline);
            this.deadline = deadline;
            return this;
        }

        /** What reads ask for that do not say: {@link #CONSISTENCY_DEFAULT} unless said. */
        public Builder consistency(Consistency consistency) {
            this.consistency = Objects.requireNonNull(consistency, "consistency");
            return this;
        }

        /** The session of all calls that do not say another one: a new one unless said. */
        public Builder session(Session session) {
            this.session = Objects.requireNonNull(session, "session");
            return this;
        }

        /**
         * Where futures are completed, and thereby where whatever hangs on them runs: on threads of the SDK for that unless said, as many
         * as there are processors.
         * {@code Runnable::run} saves the change of threads for programs whose callbacks are short and never wait, not even for another
         * call of the client. What the executor rejects, as one does that is full or was shut down, runs on threads of the SDK after all:
         * every future is completed.
         */
        public Builder executor(Executor executor) {
            this.executor = Objects.requireNonNull(executor, "executor");
            return this;
        }

        /** What happens to a call while as much is under way as may be: its thread waits, unless said. */
        public Builder backPressure(BackPressure backPressure) {
            this.backPressure = Objects.requireNonNull(backPressure, "backPressure");
            return this;
        }

        /** How many calls may be under way at once: 100,000 unless said. */
        public Builder outstandingCallsMax(int calls) {
            this.outstandingCallsMax = (int) requirePositive("outstanding calls", calls);
            return this;
        }

        /**
         * How many bytes may be under way at once: 64 MiB unless said. Writes count with what they send, reads also with what they are
         * expected to bring: about as much per row as those before them. Scans and watches have bounds of their own.
         */
        public Builder outstandingBytesMax(long bytes) {
            this.outstandingBytesMax = requirePositive("outstanding bytes", bytes);
            return this;
        }

        /**
         * Whether a read that takes longer than 95 of 100 do is sent to a second server as well: not unless said. It cuts the time that
         * the slowest reads take, and costs servers a little more work.
         */
        public Builder hedging(boolean hedging) {
            this.hedging = hedging;
            return this;
        }

        /** How large a part of all reads may be hedged, 0 to 1: 0.05 unless said. */
        public Builder hedgedShareMax(double share) {
            if (!(share >= 0 && share <= 1)) {
                throw new IllegalArgumentException("hedged share: " + share + " (expected: 0 to 1)");
            }
            this.hedgedShareMax = share;
            return this;
        }

        /** Whether calls that are made at the same time may travel together: they do unless said. A lone call never waits for others. */
        public Builder batching(boolean batching) {
            this.batching = batching;
            return this;
        }

        /** Hears what the client does, besides those that were given before. */
        public Builder observer(ClientObserver observer) {
            observers.add(Objects.requireNonNull(observer, "observer"));
            return this;
        }

        /**
         * Begins to connect, and returns at once.
         *
         * @throws IllegalArgumentException if there are no endpoints, or what was given is none
         */
        public TidemarkClient build() {
            if (endpoints == null) {
                throw new IllegalArgumentException("endpoints: none (expected: host:port, separated by commas)");
            }
            DispatchOptions defaults = DispatchOptions.of(endpoints);
            DispatchOptions options = new DispatchOptions(
                    endpoints,
                    zone,
                    defaults.keepAlive(),
                    defaults.ioThreads(),
                    defaults.readAttemptLimit(),
                    defaults.writeAttemptLimit(),
                    defaults.pauses(),
                    defaults.budget(),
                    new DispatchOptions.Hedging(hedgedShareMax, Duration.ofMillis(1)),
                    batching,
                    new DispatchOptions.Limit(
                            outstandingCallsMax,
                            outstandingBytesMax,
                            DispatchOptions.WhenFull.valueOf(backPressure.name())));
            Observations observations = observers.isEmpty() ? null : new Observations(observers);
            Dispatcher dispatcher =
                    GrpcDispatcher.open(options, observations == null ? DispatchObserver.NONE : observations);
            Moment.Clock clock = new Moment.Clock(dispatcher::nanoTime, System::currentTimeMillis);
            return new TidemarkClient(
                    new Calls(dispatcher, executor, clock, deadline, consistency, hedging, observations),
                    session == null ? Session.create() : session);
        }

        private static long requirePositive(String what, long number) {
            if (number <= 0) {
                throw new IllegalArgumentException(what + ": " + number + " (expected: positive)");
            }
            return number;
        }
    }
}
