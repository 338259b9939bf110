// SPDX-License-Identifier: Apache-2.0
package io.tidemark.server.transfer;

import io.grpc.stub.ServerCallStreamObserver;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Where the thread that sends a copy waits while the caller has no room. Signalled and ended from any thread. */
public final class Room {

    /** Why a copy breaks off. */
    public enum End {
        CALLER_LEFT,
        STALLED,
        STOPPED,
        SUPERSEDED
    }

    /** A copy breaks off. */
    public static final class BrokenOffException extends RuntimeException {
        private final transient End end;

        BrokenOffException(End end) {
            super("the copy breaks off: " + end, null, false, false);
            this.end = end;
        }

        public End end() {
            return end;
        }
    }

    private final ServerCallStreamObserver<?> call;
    private final Duration stallMax;
    private @Nullable End end;

    /** @param stallMax for how long the caller may leave room for nothing */
    public Room(ServerCallStreamObserver<?> call, Duration stallMax) {
        this.call = call;
        this.stallMax = stallMax;
    }

    /** Something may have changed for who waits. */
    public synchronized void signal() {
        notifyAll();
    }

    /** Breaks the copy off, soon. The first reason counts. */
    public synchronized void end(End why) {
        if (end == null) {
            end = why;
        }
        notifyAll();
    }

    /**
     * Returns once there is room.
     *
     * @throws BrokenOffException if there will be none
     */
    public synchronized void await() {
        long deadline = System.nanoTime() + stallMax.toNanos();
        while (end == null && !call.isReady() && !call.isCancelled()) {
            long left = deadline - System.nanoTime();
            if (left <= 0) {
                throw new BrokenOffException(End.STALLED);
            }
            try {
                TimeUnit.NANOSECONDS.timedWait(this, left);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new BrokenOffException(End.STOPPED);
            }
        }
        if (end != null) {
            throw new BrokenOffException(end);
        }
        if (call.isCancelled()) {
            throw new BrokenOffException(End.CALLER_LEFT);
        }
    }
}
