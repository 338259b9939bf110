// SPDX-License-Identifier: Apache-2.0
package io.tidemark.client.internal.dispatch;

import io.tidemark.client.internal.failure.AttemptFailure;
import io.tidemark.client.internal.routing.Server;
import io.tidemark.client.internal.time.Timers;
import io.tidemark.proto.v1.ClusterGrpc;
import io.tidemark.proto.v1.GetLimitsRequest;
import io.tidemark.proto.v1.GetLimitsResponse;
import java.time.Duration;

/** Finds out whether a server that was ejected answers again, by a call of nobody's, so that no caller pays for it. */
final class Trials {

    private static final Duration DEADLINE = Duration.ofSeconds(1);

    /** So that not all clients of a server that is back try it at once. */
    private static final long SOON_NANOS_MAX = 200_000_000L;

    private final Parts parts;

    Trials(Parts parts) {
        this.parts = parts;
    }

    /** Tries it after the pause that its ejection asks for. */
    void tryLater(Server server) {
        long pause = server.ejection().pauseNanos();
        plan(server, pause / 2 + parts.chance.get().nextLong(pause / 2));
    }

    /** It can be connected to again, which it could not while it was down: no reason to wait for as long as it was. */
    void trySoon(Server server) {
        plan(server, parts.chance.get().nextLong(SOON_NANOS_MAX));
    }

    private void plan(Server server, long inNanos) {
        int number = server.ejection().planTrial();
        Timers.Pending unused = parts.timers.at(parts.ticker.nanoTime() + inNanos, () -> tryNow(server, number));
    }

    private void tryNow(Server server, int number) {
        if (parts.isClosed()
                || !parts.endpoints.has(server)
                || !server.ejection().awaitsTrial(number)) {
            return;
        }
        long now = parts.ticker.nanoTime();
        Trial trial = new Trial(server);
        trial.begin(GetLimitsRequest.getDefaultInstance(), now, now + DEADLINE.toNanos(), false, 1);
    }

    private final class Trial extends Rpc<GetLimitsRequest, GetLimitsResponse> {

        Trial(Server server) {
            super(ClusterGrpc.getGetLimitsMethod(), parts.endpoint(server), Observed.NOT);
        }

        @Override
        void answered(GetLimitsResponse message) {
            Server server = endpoint().server();
            long now = parts.ticker.nanoTime();
            server.answered(now);
            server.ejection().end(now);
            parts.observer.endpointChanged(server.address(), DispatchObserver.EndpointState.READY);
        }

        @Override
        void failed(AttemptFailure failure) {
            Server server = endpoint().server();
            server.ejection().trialFailed();
            if (server.ejection().isEjected()) {
                tryLater(server);
            }
        }
    }
}
