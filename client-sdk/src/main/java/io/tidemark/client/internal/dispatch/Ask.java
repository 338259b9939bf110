// SPDX-License-Identifier: Apache-2.0
package io.tidemark.client.internal.dispatch;

import io.tidemark.client.Attempt;
import io.tidemark.client.TidemarkException;
import io.tidemark.client.internal.failure.AttemptFailure;
import io.tidemark.client.internal.failure.Exceptions;
import io.tidemark.client.internal.routing.Preference;
import io.tidemark.client.internal.routing.Server;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** What sets one kind of call apart from another: whom it asks for what, how long it waits for each, and how it may end. */
abstract class Ask<A> extends CompletableFuture<Answer<A>> {

    final Parts parts;
    final CallContext context;
    final @Nullable Object observed;
    /** Whether anybody is left to ask beside those who were and whoever was chosen last. */
    private boolean othersLeft;

    Ask(Parts parts, CallContext context) {
        this.parts = parts;
        this.context = context;
        this.observed = parts.observer == DispatchObserver.NONE ? null : parts.observer.callBegins(context);
    }

    /** Whom to ask next; null: nobody is known. */
    abstract @Nullable Server choose(List<Server> triedAlready, long nowNanos);

    final @Nullable Server choose(Target target, long floor, List<Server> triedAlready, long nowNanos) {
        Preference among = parts.routes.among(target);
        othersLeft = among.size() > triedAlready.size() + 1;
        return parts.routes.choose(among, floor, triedAlready, nowNanos);
    }

    /** How long the server that was chosen last may wait, where it is waited for so long; 0: for as long as the deadline allows. */
    final long waitNanosMax(long patienceNanos, long leftNanos) {
        return othersLeft && patienceNanos < leftNanos ? Patience.ofServerNanos(patienceNanos) : 0;
    }

    /**
     * An attempt at a server, which gives its end to {@link Call#answered} or {@link Call#failed}.
     *
     * @param waitNanosMax how long the server may wait until it can meet what a read asks, so that it says so before it is given up; 0:
     *     for as long as the deadline allows
     */
    abstract Try attempt(Server server, long waitNanosMax);

    /** Whether a server that is well may work on it for long, so that silence says nothing. */
    boolean mayTakeLong() {
        return false;
    }

    /** An attempt was answered after so long, which may tell how fast its server is. */
    void took(Server server, long nanos, long nowNanos) {
        // Nobody knows how much work it was.
    }

    /** How long the first attempt may take before another one is made elsewhere. */
    abstract long attemptLimitNanos();

    /** Whether it changes anything, so that it can be left open. */
    boolean isWrite() {
        return false;
    }

    /** Whether it can be sent now. */
    boolean isReady() {
        return true;
    }

    /** Whether it is no use to ask again whoever could not meet its asks. */
    boolean asksOnce() {
        return false;
    }

    /** Whether it goes on under another name, or in another history, after a server has refused the one that it had. */
    boolean renew(AttemptFailure refusal) {
        return false;
    }

    /** What the caller of a write is told when it is open. */
    TidemarkException openEnd(@Nullable AttemptFailure failure, List<Attempt> made) {
        return Exceptions.deadlinePassed(context.method(), made);
    }
}
