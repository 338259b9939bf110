// SPDX-License-Identifier: Apache-2.0
package io.tidemark.client.internal.dispatch;

import io.grpc.MethodDescriptor;
import io.tidemark.client.internal.routing.Server;
import io.tidemark.client.internal.time.Timers;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Calls of one kind on their way to one server. The first is sent at once; while so many messages are under way as keep the server
 * busy, those that come wait for the next answer, and then travel together. A call waits for an answer no longer than a moment: an
 * answer that takes longer is not worth waiting for.
 *
 * <p>Guarded by itself; messages are sent outside.
 */
abstract class Gathering<A, T extends Member<A>> {

    /** How long a call waits for the answer to another. */
    private static final long WAIT_NANOS_MAX = 4_000_000;
    /** With so many under way that are not answered, even late ones wait: the server is stuck. */
    private static final int UNDER_WAY_MAX = 16;

    final Parts parts;
    private final Server server;
    private final int underWayEnough;
    private final int rowsMax;
    private final long bytesMax;

    private final Deque<T> waiting = new ArrayDeque<>();
    private int underWay;
    private Timers.@Nullable Pending timer;

    /**
     * Nothing under way.
     *
     * @param underWayEnough how many messages under way keep the server busy
     * @param rowsMax how many calls a message may carry
     * @param bytesMax how large it may be
     */
    Gathering(Parts parts, Server server, int underWayEnough, int rowsMax, long bytesMax) {
        this.parts = parts;
        this.server = server;
        this.underWayEnough = underWayEnough;
        this.rowsMax = rowsMax;
        this.bytesMax = bytesMax;
    }

    /** A message that carries these. */
    abstract Carriage<?, ?> carriage(List<T> members);

    /** Sends what {@link #carriage} made. */
    abstract void send(Carriage<?, ?> made, List<T> members, long nowNanos, long deadlineNanos);

    /** A message was answered after so long, which tells how fast the server is. */
    abstract void took(long nanos, long nowNanos);

    final Server server() {
        return server;
    }

    /** A message of this gathering. */
    abstract class Message<Q, M> extends Carriage<Q, M> {

        final List<T> members;

        Message(MethodDescriptor<Q, M> method, List<T> members) {
            super(
                    parts,
                    method,
                    parts.endpoint(server),
                    Observed.by(parts.observer, parts.ticker, members.get(0).call.observed),
                    members.size());
            this.members = members;
        }

        @Override
        final void took(Server asked, long nanos, long nowNanos) {
            Gathering.this.took(nanos, nowNanos);
        }

        @Override
        final void letGo() {
            over(members.size());
        }
    }

    /** Whether nobody is on the way or waits. */
    final synchronized boolean isIdle() {
        return underWay == 0 && waiting.isEmpty();
    }

    final void join(T member) {
        long now = parts.ticker.nanoTime();
        server.begin(now);
        Dispatched<T> next;
        synchronized (this) {
            if (member.isWithdrawn()) {
                // Between its being begun and here, and told already that it was not sent.
                server.end();
                return;
            }
            if (underWay >= underWayEnough) {
                waiting.add(member);
                if (timer == null) {
                    timer = parts.timers.at(now + WAIT_NANOS_MAX, this::waitedLong);
                }
                return;
            }
            next = aboard(new ArrayList<>(List.of(member)), now);
        }
        send(next, now);
    }

    /** Sends one by itself, whatever is under way. */
    final void sendAlone(T member) {
        sendTogether(List.of(member));
    }

    /** Sends some that have travelled together before, whatever is under way. */
    final void sendTogether(List<T> some) {
        long now = parts.ticker.nanoTime();
        Dispatched<T> next;
        synchronized (this) {
            List<T> members = new ArrayList<>(some.size());
            for (T member : some) {
                if (!member.isWithdrawn()) {
                    server.begin(now);
                    members.add(member);
                }
            }
            if (members.isEmpty()) {
                return;
            }
            next = aboard(members, now);
        }
        send(next, now);
    }

    private void waitedLong() {
        synchronized (this) {
            timer = null;
        }
        sendNext(UNDER_WAY_MAX);
    }

    /** A message has ended, and so many calls with it. */
    private void over(int calls) {
        for (int i = 0; i < calls; i++) {
            server.end();
        }
        synchronized (this) {
            underWay--;
        }
        sendNext(underWayEnough);
    }

    private void sendNext(int underWayBelow) {
        long now = parts.ticker.nanoTime();
        Dispatched<T> next;
        synchronized (this) {
            List<T> members = underWay < underWayBelow ? take() : List.of();
            if (!waiting.isEmpty()) {
                if (timer == null) {
                    timer = parts.timers.at(now + WAIT_NANOS_MAX, this::waitedLong);
                }
            } else if (timer != null) {
                timer.cancel();
                timer = null;
            }
            if (members.isEmpty()) {
                return;
            }
            next = aboard(members, now);
        }
        send(next, now);
    }

    private List<T> take() {
        List<T> taken = new ArrayList<>(Math.min(rowsMax, waiting.size()));
        long bytes = 0;
        while (!waiting.isEmpty() && taken.size() < rowsMax) {
            T next = waiting.getFirst();
            if (next.isWithdrawn()) {
                waiting.removeFirst();
                server.end();
                continue;
            }
            bytes += next.bytes();
            if (bytes > bytesMax && !taken.isEmpty()) {
                break;
            }
            taken.add(waiting.removeFirst());
        }
        return taken;
    }

    private record Dispatched<T>(Carriage<?, ?> carriage, List<T> members, long deadlineNanos) {}

    /** Only while the lock is held. */
    private Dispatched<T> aboard(List<T> members, long now) {
        Carriage<?, ?> made = carriage(members);
        underWay++;
        long deadline = now;
        for (T member : members) {
            member.aboard(made);
            long callers = member.call.context.deadlineNanos();
            if (callers - deadline > 0) {
                deadline = callers;
            }
        }
        return new Dispatched<>(made, members, deadline);
    }

    private void send(Dispatched<T> next, long now) {
        send(next.carriage(), next.members(), now, next.deadlineNanos());
    }
}
