// SPDX-License-Identifier: Apache-2.0
package io.tidemark.client.internal.dispatch;

import io.grpc.MethodDescriptor;
import io.tidemark.client.internal.channel.Endpoint;
import io.tidemark.client.internal.failure.AttemptFailure;
import io.tidemark.client.internal.routing.Server;
import java.util.concurrent.atomic.AtomicInteger;

/** A message that carries calls of some members, all to one server. When the last has left, it is given up. */
abstract class Carriage<Q, M> extends Rpc<Q, M> {

    private final Parts parts;
    private final AtomicInteger aboard;

    Carriage(Parts parts, MethodDescriptor<Q, M> method, Endpoint endpoint, Observed observed, int members) {
        super(method, endpoint, observed);
        this.parts = parts;
        this.aboard = new AtomicInteger(members);
    }

    /** A member waits no more. */
    final void left() {
        if (aboard.decrementAndGet() == 0) {
            giveUp();
        }
    }

    /** It was answered after so long, which tells how fast its server is. */
    abstract void took(Server server, long nanos, long nowNanos);

    /** Gives each member its part. */
    abstract void handOut(M message);

    /** Tells each member. */
    abstract void handOut(AttemptFailure failure);

    /** Lets those go who wait for this one: before the members learn, whose next calls would else wait for nothing. */
    abstract void letGo();

    @Override
    final void answered(M message) {
        Server server = endpoint().server();
        long now = parts.ticker.nanoTime();
        server.answered(now);
        took(server, now - sentNanos(), now);
        parts.learn(Headers.of(message), server);
        letGo();
        handOut(message);
    }

    @Override
    final void failed(AttemptFailure failure) {
        if (aboard.get() > 0) {
            parts.learn(failure, endpoint().server(), sentNanos());
        }
        letGo();
        handOut(failure);
    }
}
