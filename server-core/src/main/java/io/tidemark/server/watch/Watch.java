// SPDX-License-Identifier: Apache-2.0
package io.tidemark.server.watch;

import io.grpc.StatusRuntimeException;
import io.grpc.stub.ServerCallStreamObserver;
import io.tidemark.api.HistoryId;
import io.tidemark.proto.v1.WatchResponse;
import io.tidemark.server.call.Failures;
import io.tidemark.server.call.Turns;
import io.tidemark.server.read.LocalState;
import io.tidemark.server.read.ReadAsks;
import io.tidemark.server.time.Timers;
import io.tidemark.store.LogTime;
import io.tidemark.store.Shards;
import io.tidemark.store.engine.CorruptionException;
import io.tidemark.store.feed.FeedRead;
import io.tidemark.store.state.BelowHorizonException;
import io.tidemark.store.state.Store;
import io.tidemark.store.state.StoreView;
import java.time.Duration;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One watch. It works in {@link Turns} on the workers, which own everything here that is not volatile; what happens elsewhere (the
 * caller has room or has left, time has passed, the lookout saw something) only signals that a turn is due.
 *
 * <p>A turn sends while the caller has room. What does not fit is not kept, but read again when there is room: beside what the
 * transport holds, a watch holds nothing but its place.
 */
final class Watch {

    private static final long NOT_BEGUN = -1;

    private final WatchAsk ask;
    private final HistoryId history;
    private final Shards shards;
    private final ServerCallStreamObserver<WatchResponse> call;
    private final WatchServices services;
    private final Consumer<Watch> onClosed;
    private final Delivery delivery;
    private final Turns turns;

    /** The state that it begins with, once that is there. */
    private volatile long beginning = NOT_BEGUN;

    private volatile @Nullable StatusRuntimeException ending;
    private volatile boolean closed;
    private volatile Timers.@Nullable Pending timer;
    /** Whether another store or other shards may be served than when this watch last looked. */
    private volatile boolean servingChanged = true;

    private @Nullable LocalState lastState;
    private Lookout.@Nullable Post post;
    private boolean opened;
    /** Since when the caller has no room; null: it has. */
    private @Nullable Long stalledSince;
    /** Since when nothing could be read; null: the last attempt succeeded. */
    private @Nullable Long failingSince;

    private boolean isTooSlow;

    /** @param onClosed called once, at the end */
    Watch(
            WatchAsk ask,
            Store store,
            ServerCallStreamObserver<WatchResponse> call,
            WatchServices services,
            Consumer<Watch> onClosed) {
        this.ask = ask;
        this.history = store.history();
        Shards asked = ask.rows().shards();
        this.shards = asked != null ? asked : Shards.all(store.shardCount());
        this.call = call;
        this.services = services;
        this.onClosed = onClosed;
        this.delivery = new Delivery(ask, call, services);
        this.turns = new Turns(services.workers(), this::turn);
    }

    /** Something may be to be done. Quick; from any thread. */
    void signal() {
        turns.signal();
    }

    /** Tells all changes behind an index. Once; from any thread. */
    void begin(long through) {
        beginning = through;
        tick();
    }

    /** Ends it, soon. From any thread. */
    void end(StatusRuntimeException why) {
        ending = why;
        signal();
    }

    /** Another store or other shards may be served now. From any thread. */
    void servingChanged() {
        servingChanged = true;
        signal();
    }

    /** Comes at the latest when a sign of life is due, and often enough to see a stall. */
    private void tick() {
        if (closed) {
            return;
        }
        long interval = ask.heartbeatInterval().toNanos();
        long untilDue = interval - silence();
        long next = Math.min(
                untilDue > 0 ? untilDue : interval,
                services.options().stallMax().toNanos() / 2);
        Timers.Pending pending = services.timers().after(Duration.ofNanos(Math.max(next, 1)), this::tick);
        timer = pending;
        if (closed) {
            pending.cancel();
        }
        signal();
    }

    private long silence() {
        return services.nanos() - delivery.lastSent();
    }

    private boolean turn() {
        if (closed) {
            return false;
        }
        if (call.isCancelled()) {
            services.counts().leave();
            close();
            return false;
        }
        StatusRuntimeException end = ending;
        if (end == null) {
            try {
                boolean more = beginning != NOT_BEGUN && advance();
                failingSince = null;
                return more;
            } catch (StatusRuntimeException e) {
                end = e;
            } catch (BelowHorizonException e) {
                end = services.errors().horizonPassed(delivery.through(), e.horizon());
            } catch (CorruptionException e) {
                end = Failures.toStatus(e);
            } catch (StoreGoneException e) {
                end = hasFailedTooLong() ? e.toCaller() : null;
            } catch (Throwable e) {
                // The store may be closed under the watch while another takes its place.
                end = hasFailedTooLong() ? Failures.toStatus(e) : null;
            }
        }
        if (end != null) {
            if (isTooSlow) {
                services.counts().cutOffSlow();
            } else {
                services.counts().refuse();
            }
            close();
            call.onError(Failures.toStatus(end));
        }
        return false;
    }

    private boolean hasFailedTooLong() {
        long now = services.nanos();
        if (failingSince == null) {
            failingSince = now;
        }
        return now - failingSince >= services.options().storeAbsenceMax().toNanos();
    }

    private void close() {
        closed = true;
        Timers.Pending pending = timer;
        if (pending != null) {
            pending.cancel();
        }
        if (post != null) {
            services.lookout().leave(post);
        }
        onClosed.accept(this);
    }

    /** Whether there is more to do at once. */
    private boolean advance() {
        if (!call.isReady()) {
            requireNotStalled();
            return false;
        }
        stalledSince = null;
        LocalState state = state();
        if (!state.equals(lastState)) {
            lastState = state;
            servingChanged = true;
        }
        Store store = state.store();
        ReadAsks.requireHistory(history.text(), store.history());
        Lookout.Post place = post == null ? enter() : post;
        Lookout.Standing standing = services.lookout().standing(place);
        delivery.passed(standing.through(), standing.time());
        requireServing(store);
        if (!opened) {
            open(store);
        }
        boolean more = !standing.waiting() && readOn(state, place);
        if (silence() >= ask.heartbeatInterval().toNanos() && call.isReady() && !delivery.isWithinCommit()) {
            delivery.sendHeader(store);
        }
        return more;
    }

    private LocalState state() {
        try {
            return services.lookout().state();
        } catch (StatusRuntimeException e) {
            throw new StoreGoneException(e);
        }
    }

    private void requireNotStalled() {
        long now = services.nanos();
        if (stalledSince == null) {
            stalledSince = now;
        }
        Duration stalled = Duration.ofNanos(now - stalledSince);
        if (stalled.compareTo(services.options().stallMax()) >= 0) {
            isTooSlow = true;
            throw services.errors().tooSlow(delivery.through(), stalled);
        }
    }

    private Lookout.Post enter() {
        Lookout.Post entered = services.lookout().enter(ask.rows(), this::signal);
        post = entered;
        delivery.passed(beginning, LogTime.MIN);
        return entered;
    }

    private void open(Store store) {
        // The time is that of the index only if nothing was applied in between.
        long before = store.appliedIndex();
        LogTime time = store.logTime();
        if (before == delivery.through() && store.appliedIndex() == before) {
            delivery.passed(before, time);
        }
        delivery.sendHeader(store);
        opened = true;
    }

    private boolean readOn(LocalState state, Lookout.Post place) {
        Store store = state.store();
        if (delivery.through() < store.appliedIndex()) {
            FeedRead read =
                    store.feed().read(delivery.through(), services.options().readBytes());
            // What is no longer served may be missing from what was read.
            requireServing(store);
            if (!delivery.tell(store, read)) {
                return false;
            }
        }
        return !services.lookout().await(place, state, delivery.through(), delivery.time());
    }

    /**
     * Every message comes after this, and its through_index before: a server stops serving a shard before it stops following
     * it.
     */
    private void requireServing(Store store) {
        boolean changed = servingChanged;
        servingChanged = false;
        Shards serving = services.serving().apply(store);
        if (!serving.containsAll(shards)) {
            throw services.errors().moved(delivery.through(), shards.minus(serving));
        }
        if (changed) {
            try {
                requireReadable(store);
            } catch (RuntimeException e) {
                // It may be tried again.
                servingChanged = true;
                throw e;
            }
        }
    }

    /** A shard that came, or came back, since then has no history before. */
    private void requireReadable(Store store) {
        long from = delivery.through();
        if (from > store.appliedIndex()) {
            return;
        }
        try (StoreView view = store.viewAt(from)) {
            if (!view.readable().containsAll(shards)) {
                throw services.errors().horizonPassed(from, store.appliedIndex());
            }
        }
    }

    /** There is no store to read from now. */
    private static final class StoreGoneException extends RuntimeException {
        private final StatusRuntimeException toCaller;

        StoreGoneException(StatusRuntimeException toCaller) {
            super(toCaller.getMessage(), toCaller, false, false);
            this.toCaller = toCaller;
        }

        StatusRuntimeException toCaller() {
            return toCaller;
        }
    }
}
