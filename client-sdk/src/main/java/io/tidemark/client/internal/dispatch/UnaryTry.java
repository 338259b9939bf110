// SPDX-License-Identifier: Apache-2.0
package io.tidemark.client.internal.dispatch;

import io.grpc.MethodDescriptor;
import io.tidemark.client.internal.failure.AttemptFailure;
import io.tidemark.client.internal.routing.Server;

/** An attempt at a call that travels by itself. */
class UnaryTry<Q, M, A> extends Rpc<Q, M> implements Try {

    private final Call<A> call;
    private final Q request;
    private final Shape<M, A> shape;
    private volatile boolean withdrawn;

    /** What the message of the contract is to the caller. */
    @FunctionalInterface
    interface Shape<M, A> {
        A of(M message);
    }

    UnaryTry(Call<A> call, MethodDescriptor<Q, M> method, Q request, Server server, Shape<M, A> shape) {
        super(method, call.parts.endpoint(server), Observed.by(call.parts.observer, call.parts.ticker, call.observed));
        this.call = call;
        this.request = request;
        this.shape = shape;
    }

    @Override
    public Server server() {
        return endpoint().server();
    }

    @Override
    public void begin() {
        long now = call.parts.ticker.nanoTime();
        server().begin(now);
        // Servers are told how long the caller waits, not when we ask another: with nobody else to ask, this one is
        // waited for, and a
        // write is not to be dropped half-way.
        begin(request, now, call.context.deadlineNanos(), call.isWrite(), 1);
    }

    @Override
    public void withdraw() {
        withdrawn = true;
        giveUp();
    }

    @Override
    void answered(M message) {
        Parts parts = call.parts;
        long now = parts.ticker.nanoTime();
        server().end();
        server().answered(now);
        call.took(server(), now - sentNanos(), now);
        parts.learn(Headers.of(message), server());
        parts.budget.answered(1);
        call.answered(this, shape.of(message));
    }

    @Override
    void failed(AttemptFailure failure) {
        server().end();
        if (!withdrawn) {
            call.parts.learn(failure, server(), sentNanos());
            call.failed(this, failure);
        }
    }
}
