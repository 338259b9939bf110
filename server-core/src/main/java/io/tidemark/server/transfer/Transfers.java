// SPDX-License-Identifier: Apache-2.0
package io.tidemark.server.transfer;

import io.grpc.StatusRuntimeException;
import io.grpc.stub.ServerCallStreamObserver;
import io.tidemark.api.ErrorMetadata;
import io.tidemark.api.ErrorStatus;
import io.tidemark.proto.v1.ErrorReason;
import io.tidemark.proto.v1.HorizonPassed;
import io.tidemark.server.call.Calls;
import io.tidemark.server.call.Failures;
import io.tidemark.server.read.Admission;
import io.tidemark.server.time.Timers;
import io.tidemark.store.state.Store;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Long copies of this server's own state, a few at a time. Each is of one state, which is held while it is under way and for a while
 * after it broke off, so that it can go on. For any thread; the calls here do not wait, but each copy under way takes one of the
 * workers, which waits for the disk and for its caller.
 */
public final class Transfers<S> {

    /** Sends what a call is to be sent of a state, waiting for room before each message. */
    @FunctionalInterface
    public interface Sending<S> {
        void send(S state, Room room) throws IOException;
    }

    private final String what;
    private final String serverId;
    private final Duration stallMax;
    private final Executor workers;
    private final HeldStates<S> held;
    private final LongAdder completed = new LongAdder();
    private final LongAdder brokenOff = new LongAdder();
    private final LongAdder failed = new LongAdder();

    /**
     * Nothing is under way yet.
     *
     * @param what is copied, in a word for errors
     * @param statesMax how many states are held at a time
     * @param heldMax for how long one is held for a copy that broke off
     * @param stallMax for how long a caller may leave room for nothing
     * @param closer lets a state go
     * @param workers need a thread for each copy under way, and one more for each whose caller comes back for the rest
     */
    public Transfers(
            String what,
            String serverId,
            int statesMax,
            Duration heldMax,
            Duration stallMax,
            Consumer<S> closer,
            Timers timers,
            Executor workers) {
        this.what = what;
        this.serverId = serverId;
        this.stallMax = stallMax;
        this.workers = workers;
        this.held = new HeldStates<>(statesMax, heldMax, closer, timers);
    }

    /** A place for a state that is yet to come; null: all are in use. */
    public @Nullable Transfer begin(ServerCallStreamObserver<?> call) {
        HeldStates.Held<S> place = held.begin();
        return place == null ? null : new Transfer(call, place);
    }

    /**
     * Goes on with a state that is held.
     *
     * @throws StatusRuntimeException if it is not
     */
    public Transfer resume(ServerCallStreamObserver<?> call, ResumeToken token, Store store) {
        HeldStates.Held<S> place = token.serverId().equals(serverId) ? held.resume(token.state()) : null;
        if (place == null) {
            throw gone(store, token.index());
        }
        return new Transfer(call, place);
    }

    /** One call. */
    public final class Transfer {
        private final ServerCallStreamObserver<?> call;
        private final HeldStates.Held<S> place;
        private final Room room;

        private Transfer(ServerCallStreamObserver<?> call, HeldStates.Held<S> place) {
            this.call = call;
            this.place = place;
            this.room = new Room(call, stallMax);
            call.setOnReadyHandler(room::signal);
            call.setOnCancelHandler(room::signal);
            // All of it has gone out, to a caller who was there: nobody comes back for it.
            call.setOnCloseHandler(() -> held.drop(place));
        }

        /** What the state can be resumed by. */
        public String name() {
            return place.name();
        }

        /** The state that is gone on with. */
        public S state() {
            return held.state(place);
        }

        /**
         * Sends a state that is taken once a read would be let in: what is newest then is at or above what that read would see.
         *
         * @param admitted is closed at once
         */
        @SuppressWarnings("FutureReturnValueIgnored") // the listener does not throw
        public void whenAdmitted(
                Supplier<CompletableFuture<Admission>> admitted, Supplier<S> state, Sending<S> sending) {
            BiConsumer<@Nullable Admission, @Nullable Throwable> listener = (admission, failure) -> {
                if (admission != null) {
                    admission.close();
                    onWorker(() -> begin(state, sending));
                } else if (failure != null) {
                    fail(failure);
                }
            };
            try {
                admitted.get().whenComplete(listener);
            } catch (RuntimeException e) {
                fail(e);
            }
        }

        private void begin(Supplier<S> state, Sending<S> sending) {
            try {
                held.hold(place, state.get());
            } catch (Throwable e) {
                fail(e);
                return;
            }
            send(sending);
        }

        /** Sends what is left of the state that is held. */
        public void goOn(Sending<S> sending) {
            onWorker(() -> send(sending));
        }

        /** It cannot be gone on with by this call; the state stays where it is. */
        public void release() {
            held.release(place, null);
        }

        private void onWorker(Runnable step) {
            try {
                workers.execute(step);
            } catch (RuntimeException stopping) {
                fail(stopping);
            }
        }

        private void send(Sending<S> sending) {
            try {
                sending.send(held.use(place, room), room);
                held.release(place, room);
                call.onCompleted();
                completed.increment();
            } catch (Room.BrokenOffException e) {
                held.release(place, room);
                brokenOff.increment();
                StatusRuntimeException told = brokenOff(e.end());
                if (told != null) {
                    call.onError(told);
                }
            } catch (Throwable e) {
                held.drop(place);
                held.release(place, room);
                failed.increment();
                call.onError(Failures.toStatus(e));
            }
        }

        private void fail(Throwable failure) {
            held.release(place, null);
            failed.increment();
            call.onError(Failures.toStatus(failure));
        }
    }

    /** Ends what is under way, and what is held for later. To be called before the store is closed. */
    public void stop() {
        held.close();
    }

    /** How many have been sent to their end. */
    public long completed() {
        return completed.sum();
    }

    /** How many were left unfinished, by their caller or because of it; some go on later. */
    public long brokenOff() {
        return brokenOff.sum();
    }

    /** How many this server could not go on with. */
    public long failed() {
        return failed.sum();
    }

    /** How many states are held. */
    public int heldCount() {
        return held.count();
    }

    /** Null: there is nobody to tell. */
    private @Nullable StatusRuntimeException brokenOff(Room.End end) {
        return switch (end) {
            case CALLER_LEFT -> null;
            case STALLED -> Calls.stalled(what, stallMax, "resume it with its last resume_token");
            case STOPPED ->
                ErrorStatus.of(
                                ErrorReason.ERROR_REASON_STOPPING,
                                "server " + serverId + " is stopping; begin the " + what + " anew elsewhere")
                        .with(ErrorMetadata.SERVED_BY, serverId)
                        .toException();
            case SUPERSEDED ->
                ErrorStatus.of(
                                ErrorReason.ERROR_REASON_OPERATION_IN_PROGRESS,
                                "the " + what + " was resumed by another call")
                        .toException();
        };
    }

    private StatusRuntimeException gone(Store store, long index) {
        return ErrorStatus.of(
                        ErrorReason.ERROR_REASON_HORIZON_PASSED,
                        "the state at index " + index + " is not held by " + serverId + " for this " + what
                                + " (any more); begin the " + what + " anew")
                .with(ErrorMetadata.ASKED, index)
                .with(ErrorMetadata.SERVED_BY, serverId)
                .withDetail(HorizonPassed.newBuilder()
                        .setAskedIndex(index)
                        .setServerHorizon(store.horizon())
                        .setClusterHorizon(store.horizon())
                        .setServedBy(serverId)
                        .build())
                .toException();
    }
}
