// SPDX-License-Identifier: Apache-2.0
package io.tidemark.client.internal.dispatch;

import io.tidemark.client.internal.channel.Endpoint;
import io.tidemark.client.internal.channel.Endpoints;
import io.tidemark.client.internal.failure.AttemptFailure;
import io.tidemark.client.internal.routing.Server;
import io.tidemark.client.internal.time.Ticker;
import io.tidemark.client.internal.time.Timers;
import io.tidemark.proto.v1.ErrorReason;
import io.tidemark.proto.v1.NotLeader;
import io.tidemark.proto.v1.ResponseHeader;
import io.tidemark.proto.v1.ServerRole;
import io.tidemark.proto.v1.TopologyVersion;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** What every call needs, and what all of them learn from answers and failures. Thread-safe. */
final class Parts {

    final DispatchOptions options;
    final Ticker ticker;
    final Timers timers;
    final Supplier<? extends RandomGenerator> chance;
    final DispatchObserver observer;
    final Endpoints endpoints;
    final Routes routes;
    final Known known;
    final RetryBudget budget;
    final UnderWay underWay;
    final RowBytes rowBytes = new RowBytes();
    final Hedges hedges;
    final Gatherings gatherings = new Gatherings();
    final RequestIds requestIds = new RequestIds();

    private final Listener listener;
    private volatile boolean closed;

    /** Hears what concerns more than one call. */
    interface Listener {

        /** A server acts by this topology. */
        void topologyAt(TopologyVersion version, Server server);

        /** A server has just been ejected. */
        void ejected(Server server);
    }

    Parts(
            DispatchOptions options,
            Ticker ticker,
            Timers timers,
            Supplier<? extends RandomGenerator> chance,
            DispatchObserver observer,
            Endpoints endpoints,
            Routes routes,
            Predicate<Thread> mustNotBlock,
            Listener listener) {
        this.options = options;
        this.ticker = ticker;
        this.timers = timers;
        this.chance = chance;
        this.observer = observer;
        this.endpoints = endpoints;
        this.routes = routes;
        this.known = new Known();
        this.budget = new RetryBudget(options.budget(), ticker);
        this.underWay = new UnderWay(options.limit(), ticker, mustNotBlock);
        this.hedges = new Hedges(options.hedging());
        this.listener = listener;
    }

    boolean isClosed() {
        return closed;
    }

    void close() {
        closed = true;
        underWay.close();
    }

    Endpoint endpoint(Server server) {
        return endpoints.of(server.address());
    }

    /** What an answer tells beside itself. */
    void learn(@Nullable ResponseHeader header, Server server) {
        if (header == null) {
            return;
        }
        known.seen(header.getHistoryId(), Math.max(header.getAppliedIndex(), header.getReadIndex()));
        if (server.mayBe(header.getServedBy())) {
            server.applied(header.getAppliedIndex());
        }
        if (header.getServedByRole() == ServerRole.SERVER_ROLE_LEADER
                && routes.table().leader() != server
                && server.is(header.getServedBy())) {
            routes.leads(server);
        }
        if (header.hasTopologyVersion()) {
            listener.topologyAt(header.getTopologyVersion(), server);
        }
    }

    /** What a failure tells of the server that was asked then. */
    void learn(AttemptFailure failure, Server server, long sentNanos) {
        if (failure.is(ErrorReason.ERROR_REASON_INDEX_NOT_REACHED)) {
            long now = ticker.nanoTime();
            server.missed(now - sentNanos, now);
        }
        learn(failure, server);
    }

    /** What a failure tells of the server that was asked. */
    void learn(AttemptFailure failure, Server server) {
        long now = ticker.nanoTime();
        if (failure.isFarBehind()) {
            server.behind(now);
        }
        learnLeader(failure, server);
        if (!failure.blamesServer()) {
            server.answered(now);
        } else if (server.failed(now)) {
            listener.ejected(server);
        }
    }

    /** A server takes no more reads for a while. Whoever leads takes the writes still: they would only come to it by a longer way. */
    void learnOverload(AttemptFailure failure, Server server) {
        if (routes.table().leader() != server) {
            server.overloaded(failure.retryDelay().map(Duration::toNanos).orElse(0L), ticker.nanoTime());
        }
    }

    /** Who leads, if a failure tells. */
    void learnLeader(AttemptFailure failure, Server server) {
        Optional<NotLeader> notLeader = failure.notLeader();
        if (notLeader.isPresent()) {
            if (notLeader.get().getLeaderAddress().isEmpty()) {
                routes.doesNotLead(server);
            } else {
                routes.leads(endpoints.of(notLeader.get().getLeaderAddress()).server());
            }
        }
    }

    /** A server gave no answer to what was sent to it then. */
    void learnSilence(Server server, long sentNanos) {
        if (server.silentSince(sentNanos, ticker.nanoTime())) {
            listener.ejected(server);
        }
    }
}
