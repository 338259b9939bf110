// SPDX-License-Identifier: Apache-2.0
package io.tidemark.client.internal.stream;

import static java.util.Objects.requireNonNull;

import java.util.concurrent.Executor;
import java.util.concurrent.Flow;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Publishes a stream of its own to each subscriber, as fast as that one asks for more, on an executor. */
public final class Publication<T> implements Flow.Publisher<T> {

    /** Things in a row before others have their turn. */
    private static final int TURN = 64;

    private final Supplier<Intake<?, T>> streams;
    private final Executor executor;

    /** @param streams begins a stream */
    public Publication(Supplier<Intake<?, T>> streams, Executor executor) {
        this.streams = streams;
        this.executor = executor;
    }

    @Override
    public void subscribe(Flow.Subscriber<? super T> subscriber) {
        Subscription subscription = new Subscription(requireNonNull(subscriber, "subscriber"));
        subscription.turns.signal();
    }

    /** One subscriber, who is called in turns only. */
    private final class Subscription implements Flow.Subscription {

        private final Flow.Subscriber<? super T> subscriber;
        private final Turns turns = new Turns(executor, this::turn);
        private final AtomicLong demand = new AtomicLong();
        private volatile boolean cancelled;
        private volatile boolean askedForNothing;
        private volatile @Nullable Intake<?, T> intake;
        private boolean done;

        Subscription(Flow.Subscriber<? super T> subscriber) {
            this.subscriber = subscriber;
        }

        @Override
        public void request(long n) {
            if (n <= 0) {
                askedForNothing = true;
            } else {
                demand.accumulateAndGet(n, (now, more) -> now + more < 0 ? Long.MAX_VALUE : now + more);
            }
            turns.signal();
        }

        @Override
        public void cancel() {
            cancelled = true;
            Intake<?, T> open = intake;
            if (open != null) {
                open.close();
            }
        }

        private boolean turn() {
            if (done || cancelled) {
                return false;
            }
            try {
                return publish();
            } catch (Throwable e) {
                fail(e);
                return false;
            }
        }

        private boolean publish() {
            Intake<?, T> from = intake;
            if (from == null) {
                from = open();
            }
            if (askedForNothing) {
                throw new IllegalArgumentException("request: expected: > 0");
            }
            for (int i = 0; i < TURN; i++) {
                // That it is over is told without being asked for.
                if (cancelled || (demand.get() == 0 && !from.isAtEnd())) {
                    return false;
                }
                T next = from.poll();
                if (next == null) {
                    if (from.isOver()) {
                        done = true;
                        subscriber.onComplete();
                    }
                    return false;
                }
                demand.decrementAndGet();
                subscriber.onNext(next);
            }
            return true;
        }

        private Intake<?, T> open() {
            subscriber.onSubscribe(this);
            Intake<?, T> opened = streams.get();
            intake = opened;
            if (cancelled) {
                opened.close();
            }
            opened.onNews(turns::signal);
            return opened;
        }

        private void fail(Throwable why) {
            done = true;
            Intake<?, T> open = intake;
            if (open != null) {
                open.close();
            }
            subscriber.onError(why);
        }
    }
}
