// SPDX-License-Identifier: Apache-2.0
package io.tidemark.client.internal.dispatch;

import io.tidemark.client.internal.failure.AttemptFailure;
import io.tidemark.client.internal.routing.Server;
import org.jspecify.annotations.Nullable;

/** An attempt that travels with others, if there are any. */
abstract class Member<A> implements Try {

    final Call<A> call;
    private final Gathering<A, ?> gathering;

    private volatile long joinedNanos;
    /** What it travels in; null: nothing yet. Guarded by the gathering until it is set, and then fixed but for a short answer. */
    private volatile @Nullable Carriage<?, ?> carriage;
    /** Set under the gathering's lock. */
    private volatile boolean withdrawn;

    Member(Call<A> call, Gathering<A, ?> gathering) {
        this.call = call;
        this.gathering = gathering;
    }

    /** About how large its part of the request is. */
    abstract long bytes();

    @Override
    public final Server server() {
        return gathering.server();
    }

    /** Never earlier than the message was sent that was answered: see {@link #aboard}. */
    @Override
    public final long sentNanos() {
        Carriage<?, ?> in = carriage;
        return in == null ? joinedNanos : in.sentNanos();
    }

    @Override
    public void begin() {
        joinedNanos = call.parts.ticker.nanoTime();
        join();
    }

    abstract void join();

    /** It travels in this now. Only while the gathering's lock is held. */
    final void aboard(@Nullable Carriage<?, ?> in) {
        carriage = in;
    }

    /** Exact only while the gathering's lock is held. */
    final boolean isWithdrawn() {
        return withdrawn;
    }

    @Override
    public final void withdraw() {
        Carriage<?, ?> in;
        synchronized (gathering) {
            withdrawn = true;
            in = carriage;
        }
        if (in != null) {
            in.left();
        }
    }

    @Override
    public final boolean mayBeSent() {
        // Others may keep the message alive that carries it.
        Carriage<?, ?> in = carriage;
        return in != null && in.mayStillBeSent();
    }

    final void answered(A message) {
        call.answered(this, message);
    }

    final void failed(AttemptFailure failure) {
        // That nobody waits any more is no failure of the server's.
        if (!withdrawn) {
            call.failed(this, failure);
        }
    }
}
