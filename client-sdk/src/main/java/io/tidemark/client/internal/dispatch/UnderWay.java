// SPDX-License-Identifier: Apache-2.0
package io.tidemark.client.internal.dispatch;

import io.tidemark.client.Failure;
import io.tidemark.client.TidemarkException;
import io.tidemark.client.UnavailableException;
import io.tidemark.client.internal.failure.Exceptions;
import io.tidemark.client.internal.time.Ticker;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * How much is under way, and the bound on it. While there is room, entering and leaving are one step each on one number; the lock is
 * for those who wait, who go first come, first served. A thread that must not block, on which callbacks run, always enters, before
 * them too: what it begins takes the place of what has just ended.
 */
final class UnderWay {

    /** The number counts calls above and bytes below. */
    private static final int BYTES_BITS = 44;

    private static final long ONE_CALL = 1L << BYTES_BITS;
    private static final long BYTES_MASK = ONE_CALL - 1;

    private final DispatchOptions.Limit limit;
    private final Ticker ticker;
    private final Predicate<Thread> mustNotBlock;
    private final AtomicLong underWay = new AtomicLong();

    private final ReentrantLock lock = new ReentrantLock();
    /** So that a large call is not passed by small ones for ever. Guarded by the lock. */
    private final Deque<Condition> queue = new ArrayDeque<>();

    private final AtomicInteger waiting = new AtomicInteger();
    private volatile boolean closed;

    UnderWay(DispatchOptions.Limit limit, Ticker ticker, Predicate<Thread> mustNotBlock) {
        this.limit = limit;
        this.ticker = ticker;
        this.mustNotBlock = mustNotBlock;
    }

    /** Null: a call of so many bytes is under way now, and must {@link #leave}. Else why it is not. */
    @Nullable TidemarkException enter(CallContext call, long bytes) {
        if (waiting.get() == 0 && tryEnter(bytes)) {
            return null;
        }
        if (mustNotBlock.test(Thread.currentThread())) {
            underWay.addAndGet(ONE_CALL + bytes);
            return null;
        }
        return limit.whenFull() == DispatchOptions.WhenFull.FAIL ? full(call) : await(call, bytes);
    }

    private boolean tryEnter(long bytes) {
        long before = underWay.get();
        while (fits(before, bytes)) {
            if (underWay.compareAndSet(before, before + ONE_CALL + bytes)) {
                return true;
            }
            before = underWay.get();
        }
        return false;
    }

    /** One that is too large by itself goes when nothing else does. */
    private boolean fits(long before, long bytes) {
        return before == 0
                || ((before >>> BYTES_BITS) < limit.calls() && (before & BYTES_MASK) + bytes <= limit.bytes());
    }

    private @Nullable TidemarkException await(CallContext call, long bytes) {
        lock.lock();
        Condition turn = lock.newCondition();
        try {
            queue.addLast(turn);
            waiting.incrementAndGet();
            while (queue.peekFirst() != turn || !tryEnter(bytes)) {
                long left = call.deadlineNanos() - ticker.nanoTime();
                if (closed) {
                    return Exceptions.closed(call.method(), List.of());
                }
                if (left <= 0) {
                    return full(call);
                }
                turn.awaitNanos(left);
            }
            return null;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return new UnavailableException(
                    new Failure(
                            call.method() + ": the calling thread was interrupted before it was sent", "INTERRUPTED"),
                    e);
        } finally {
            queue.remove(turn);
            waiting.decrementAndGet();
            // There may be room for more than one, or this one was in the way.
            wakeFirst();
            lock.unlock();
        }
    }

    private void wakeFirst() {
        Condition first = queue.peekFirst();
        if (first != null) {
            first.signal();
        }
    }

    private TidemarkException full(CallContext call) {
        return (underWay.get() >>> BYTES_BITS) >= limit.calls()
                ? Exceptions.tooMuchUnderWay(call.method(), "as many calls as it may have", limit.calls())
                : Exceptions.tooMuchUnderWay(call.method(), "as many bytes as it may have", limit.bytes());
    }

    /** A call has ended. */
    void leave(long bytes) {
        underWay.addAndGet(-ONE_CALL - bytes);
        if (waiting.get() > 0) {
            lock.lock();
            try {
                wakeFirst();
            } finally {
                lock.unlock();
            }
        }
    }

    /** How many calls are under way. */
    int calls() {
        return (int) (underWay.get() >>> BYTES_BITS);
    }

    /** How many callers wait for room. */
    int waiting() {
        return waiting.get();
    }

    /** Nobody waits any more. */
    void close() {
        closed = true;
        lock.lock();
        try {
            queue.forEach(Condition::signal);
        } finally {
            lock.unlock();
        }
    }
}
