// SPDX-License-Identifier: Apache-2.0
package io.tidemark.client.internal.dispatch;

import io.tidemark.client.TidemarkException;
import io.tidemark.client.internal.failure.AttemptFailure;
import io.tidemark.client.internal.failure.Verdict;
import io.tidemark.client.internal.routing.Server;
import io.tidemark.client.internal.time.Timers;
import io.tidemark.proto.v1.ErrorReason;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One call from its beginning to its end: attempt after attempt, until one is answered, or fails in a way that no other would change,
 * or the deadline comes. Completed exactly once, by whoever brings the end: an answer, a failure, the timer.
 *
 * <p>Guarded by itself; nothing is called outside while that is held but the timers. What comes of an attempt counts only while that
 * attempt is the one under way.
 */
abstract class Call<A> extends Ask<A> implements Interruptible {

    private final List<Server> tried = new ArrayList<>(2);
    private @Nullable AttemptLog log;
    private final long beganNanos;
    private int attempts;

    private @Nullable Try underWay;
    private long limitNanos;
    /** A second attempt at a read, while the first may still be answered. */
    private @Nullable Try hedge;
    /** Somebody is about to complete it. */
    private boolean ending;
    /** When to make it; 0: no more. */
    private long hedgeNanos;
    /** What it counts for of what may be under way; negative: nothing any more. */
    private long bytes = -1;

    private Timers.@Nullable Pending timer;
    private @Nullable Backoff backoff;
    /** The next attempt is added load. */
    private boolean owesRetry;

    Call(Parts parts, CallContext context) {
        super(parts, context);
        this.beganNanos = parts.ticker.nanoTime();
    }

    /** @param weight what it counts for of what may be under way, until it ends; negative: nothing */
    final void begin(long weight) {
        synchronized (this) {
            bytes = weight;
        }
        next();
        if (parts.isClosed()) {
            close();
        }
    }

    private void next() {
        Try made;
        synchronized (this) {
            long now = parts.ticker.nanoTime();
            if (isDone() || ending || underWay != null) {
                return;
            }
            Server server = isReady() && context.deadlineNanos() - now > 0 && isPaidFor() ? choose(tried, now) : null;
            if (server == null) {
                pause(0);
                return;
            }
            made = prepare(server, now);
            underWay = made;
            long delay = attempts == 1 && context.hedged() && !isWrite() ? parts.hedges.delayNanos() : 0;
            hedgeNanos = delay == 0 ? 0 : now + delay;
            arm(hedgeNanos != 0 && hedgeNanos - limitNanos < 0 ? hedgeNanos : limitNanos);
        }
        made.begin();
    }

    /** Asks a second server, if one is left and the share of such reads allows it. */
    private void hedge() {
        Try made;
        synchronized (this) {
            hedgeNanos = 0;
            if (isDone() || underWay == null) {
                return;
            }
            arm(limitNanos);
            long now = parts.ticker.nanoTime();
            Server server = choose(tried, now);
            if (server == null || tried.contains(server) || !server.isConnected() || !parts.hedges.take()) {
                return;
            }
            attempts++;
            tried.add(server);
            long left = context.deadlineNanos() - now;
            made = attempt(server, waitNanosMax(patience(server, left), left));
            hedge = made;
        }
        parts.observer.hedged(context.method());
        made.begin();
    }

    private boolean isPaidFor() {
        owesRetry = owesRetry && !parts.budget.take();
        return !owesRetry;
    }

    private Try prepare(Server server, long now) {
        attempts++;
        tried.add(server);
        long left = context.deadlineNanos() - now;
        long patience = patience(server, left);
        limitNanos = now + patience;
        return attempt(server, waitNanosMax(patience, left));
    }

    private long patience(Server server, long left) {
        return isWrite()
                ? Patience.nanos(attemptLimitNanos(), attempts, server.isConnected(), left)
                : Patience.ofReadNanos(attemptLimitNanos(), attempts, server.isConnected(), left);
    }

    /** Only while the lock is held. */
    private void arm(long dueNanos) {
        disarm();
        long due = dueNanos - context.deadlineNanos() < 0 ? dueNanos : context.deadlineNanos();
        timer = parts.timers.at(due, this::tick);
    }

    private void disarm() {
        Timers.Pending armed = timer;
        if (armed != null) {
            armed.cancel();
            timer = null;
        }
    }

    private void tick() {
        if (isDone()) {
            // By whoever did not want to wait.
            abandon();
            return;
        }
        Try givenUp = null;
        boolean expired;
        boolean hedges = false;
        synchronized (this) {
            timer = null;
            if (ending) {
                return;
            }
            long now = parts.ticker.nanoTime();
            expired = context.deadlineNanos() - now <= 0;
            if (!expired && !parts.isClosed() && underWay != null) {
                hedges = hedgeNanos != 0 && hedgeNanos - now <= 0;
                if (limitNanos - now <= 0 && !(othersAreLeft() && parts.budget.take())) {
                    // Nobody else to ask, or too many ask again already: it may still answer.
                    limitNanos = context.deadlineNanos();
                }
                if (limitNanos - now <= 0) {
                    givenUp = underWay;
                } else if (!hedges) {
                    arm(limitNanos);
                    return;
                }
            }
        }
        if (parts.isClosed()) {
            close();
        } else if (expired) {
            expire();
        } else if (givenUp != null) {
            giveUp(givenUp);
        } else if (hedges) {
            hedge();
        } else {
            next();
        }
    }

    private void giveUp(Try slow) {
        slow.withdraw();
        learnSilence(slow);
        // Its retry was paid for when it was given up.
        failed(slow, AttemptFailure.silent(slow.mayBeSent()), true);
    }

    private void learnSilence(Try unanswered) {
        if (!mayTakeLong()) {
            parts.learnSilence(unanswered.server(), unanswered.sentNanos());
        }
    }

    private void expire() {
        UnderWayTries left = leave();
        if (left == null) {
            return;
        }
        left.withdraw();
        Try unanswered = left.first();
        if (unanswered != null) {
            learnSilence(unanswered);
        }
        TidemarkException end;
        synchronized (this) {
            if (unanswered != null) {
                log().add(unanswered, AttemptFailure.silent(unanswered.mayBeSent()), parts.ticker.nanoTime());
            }
            end = Ending.atDeadline(this, log(), unanswered != null);
        }
        completeExceptionally(end);
    }

    /** An attempt was answered. */
    final void answered(Try by, A message) {
        int made;
        UnderWayTries left;
        synchronized (this) {
            left = by == underWay || by == hedge ? leave() : null;
            made = attempts;
        }
        if (left == null) {
            return;
        }
        left.withdrawAllBut(by);
        learn(message);
        if (context.hedged() && !isWrite()) {
            parts.hedges.took(parts.ticker.nanoTime() - by.sentNanos());
        }
        complete(new Answer<>(message, by.sentNanos(), by.server().address(), made));
    }

    /** What an answer teaches about those to come. */
    void learn(A message) {}

    /** An attempt failed. */
    final void failed(Try by, AttemptFailure failure) {
        failed(by, failure, false);
    }

    private void failed(Try by, AttemptFailure failure, boolean paid) {
        boolean over;
        boolean now = false;
        synchronized (this) {
            if (by != underWay && by != hedge) {
                return;
            }
            Try other = by == underWay ? hedge : underWay;
            underWay = other;
            hedge = null;
            boolean openBefore = log().isOpen();
            log().add(by, failure, parts.ticker.nanoTime());
            if (other != null && failure.verdict() != Verdict.FINAL) {
                // Alone now, it is waited for as any other is.
                long present = parts.ticker.nanoTime();
                limitNanos = present + patience(other.server(), context.deadlineNanos() - present);
                arm(limitNanos);
                return;
            }
            over = isOver(failure, openBefore);
            if (!over) {
                now = goesOnAtOnce(by, failure, paid);
                if (!now) {
                    pauseAfter(failure, paid);
                }
            } else {
                disarm();
            }
        }
        if (over && parts.isClosed()) {
            close();
        } else if (over) {
            end(endBy(failure));
        } else if (now) {
            next();
        }
    }

    /** Made when it is needed, which is seldom. Only while the lock is held. */
    private AttemptLog log() {
        AttemptLog made = log;
        if (made == null) {
            made = new AttemptLog(beganNanos);
            log = made;
        }
        return made;
    }

    private boolean isOver(AttemptFailure failure, boolean openBefore) {
        if (parts.isClosed()) {
            return true;
        }
        if (isWrite()) {
            if (failure.settles()) {
                return true;
            }
            if (failure.isRefusalOfName() && !openBefore && renew(failure)) {
                log().renewed();
                return false;
            }
        }
        return failure.verdict() == Verdict.FINAL
                || (failure.isBehind() && asksOnce() && !othersAreLeft())
                || (failure.is(ErrorReason.ERROR_REASON_OVERLOADED) && parts.budget.isEmpty());
    }

    private boolean othersAreLeft() {
        Server another = choose(tried, parts.ticker.nanoTime());
        return another != null && !tried.contains(another);
    }

    private boolean somebodyElseIsWell() {
        long now = parts.ticker.nanoTime();
        Server another = choose(tried, now);
        return another != null && !tried.contains(another) && another.isWell(now);
    }

    private boolean goesOnAtOnce(Try by, AttemptFailure failure, boolean paid) {
        if (!isWrite() && failure.is(ErrorReason.ERROR_REASON_OVERLOADED)) {
            // Any other has the rows too; whoever is known to be no better off is left alone.
            parts.learnOverload(failure, by.server());
            return somebodyElseIsWell() && parts.budget.take();
        }
        return failure.verdict() == Verdict.ELSEWHERE
                && failure.retryDelay().isEmpty()
                && othersAreLeft()
                && (paid || !failure.costsServers() || parts.budget.take());
    }

    private void pauseAfter(AttemptFailure failure, boolean paid) {
        tried.clear();
        owesRetry = !paid && failure.costsServers();
        pause(failure.retryDelay().map(Duration::toNanos).orElse(0L));
    }

    /** Only while the lock is held. */
    private void pause(long atLeastNanos) {
        Backoff pauses = backoff;
        if (pauses == null) {
            pauses = new Backoff(parts.options.pauses());
            backoff = pauses;
        }
        arm(parts.ticker.nanoTime() + Math.max(pauses.next(parts.chance.get()), atLeastNanos));
    }

    private synchronized TidemarkException endBy(AttemptFailure failure) {
        return Ending.by(failure, this, log());
    }

    /** The client was closed. What can have been received is only known once it is withdrawn. */
    private void close() {
        breakOff(Ending.Cause.CLOSED);
    }

    @Override
    public final void interrupt() {
        breakOff(Ending.Cause.INTERRUPTED);
    }

    private void breakOff(Ending.Cause cause) {
        UnderWayTries left = leave();
        if (left == null) {
            return;
        }
        left.withdraw();
        TidemarkException broken;
        synchronized (this) {
            broken = Ending.brokenOff(this, log(), left.first(), cause);
        }
        completeExceptionally(broken);
    }

    /** Gives it up: a server that has not begun with it need not. */
    @Override
    public final boolean cancel(boolean mayInterruptIfRunning) {
        boolean cancelled = super.cancel(mayInterruptIfRunning);
        if (cancelled) {
            abandon();
        }
        return cancelled;
    }

    private void abandon() {
        UnderWayTries left = leave();
        if (left != null) {
            left.withdraw();
        }
    }

    private void end(TidemarkException failure) {
        UnderWayTries left = leave();
        if (left != null) {
            left.withdraw();
            completeExceptionally(failure);
        }
    }

    /** It ends now, and whoever gets what was under way says how; null: somebody else has. */
    private synchronized @Nullable UnderWayTries leave() {
        if (ending) {
            return null;
        }
        ending = true;
        UnderWayTries left = new UnderWayTries(underWay, hedge);
        underWay = null;
        hedge = null;
        disarm();
        if (bytes >= 0) {
            parts.underWay.leave(bytes);
            bytes = -1;
        }
        return left;
    }
}
