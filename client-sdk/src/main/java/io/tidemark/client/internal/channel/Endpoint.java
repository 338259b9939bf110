// SPDX-License-Identifier: Apache-2.0
package io.tidemark.client.internal.channel;

import io.grpc.ConnectivityState;
import io.grpc.ManagedChannel;
import io.tidemark.client.internal.routing.Server;
import io.tidemark.client.internal.time.Ticker;
import io.tidemark.client.internal.time.Timers;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * The connection to a server: none until one is wanted; from then on it is kept, and when it breaks it is made anew after a pause that
 * grows, with jitter, so that a server that comes back is not run over. Its own lock guards its state; nothing is called while that is
 * held but gRPC's requests to connect, which return at once.
 */
public final class Endpoint {

    private static final long PAUSE_NANOS_MIN = 50_000_000;
    private static final long PAUSE_NANOS_MAX = 5_000_000_000L;

    private final Server server;
    private final Surroundings surroundings;

    private volatile @Nullable ManagedChannel channel;
    private final AtomicBoolean wanted = new AtomicBoolean();
    private boolean closed;
    private long pauseNanos = PAUSE_NANOS_MIN;
    private Timers.@Nullable Pending reconnect;

    /** What all connections need. */
    public record Surroundings(
            ChannelSource channels,
            Ticker ticker,
            Timers timers,
            Supplier<? extends RandomGenerator> chance,
            StateListener listener) {}

    /** Is told how connections fare. */
    @FunctionalInterface
    public interface StateListener {
        void changed(String address, ConnectivityState state);
    }

    Endpoint(String address, Surroundings surroundings) {
        this.server = new Server(address, this::connectSoon);
        this.surroundings = surroundings;
    }

    public Server server() {
        return server;
    }

    /** Where calls to it go; null: it is closed. */
    public @Nullable ManagedChannel channelOrNull() {
        ManagedChannel open = channel;
        return open != null ? open : open();
    }

    /** Whoever wants a connection may hold locks, so it is not made on its thread: gRPC calls back from there. */
    private void connectSoon() {
        if (channel == null && wanted.compareAndSet(false, true)) {
            Timers.Pending unused =
                    surroundings.timers().at(surroundings.ticker().nanoTime(), this::channelOrNull);
        }
    }

    private @Nullable ManagedChannel open() {
        ManagedChannel made;
        synchronized (this) {
            if (channel != null || closed) {
                return channel;
            }
            made = surroundings.channels().open(server.address());
            channel = made;
        }
        watch(made, made.getState(true));
        return made;
    }

    private void watch(ManagedChannel open, ConnectivityState state) {
        open.notifyWhenStateChanged(state, () -> stateChanged(open));
    }

    private void stateChanged(ManagedChannel open) {
        ConnectivityState state = open.getState(false);
        surroundings.listener().changed(server.address(), state);
        synchronized (this) {
            server.connected(state == ConnectivityState.READY);
            switch (state) {
                case READY -> pauseNanos = PAUSE_NANOS_MIN;
                case TRANSIENT_FAILURE, IDLE -> connectLater(open);
                case CONNECTING, SHUTDOWN -> {
                    // Goes on by itself, or is over.
                }
            }
        }
        if (state != ConnectivityState.SHUTDOWN) {
            watch(open, state);
        }
    }

    private void connectLater(ManagedChannel open) {
        if (closed || reconnect != null) {
            return;
        }
        long pause = pauseNanos / 2 + surroundings.chance().get().nextLong(pauseNanos / 2);
        pauseNanos = Math.min(PAUSE_NANOS_MAX, pauseNanos * 2);
        reconnect = surroundings.timers().at(surroundings.ticker().nanoTime() + pause, () -> connectNow(open));
    }

    private void connectNow(ManagedChannel open) {
        synchronized (this) {
            reconnect = null;
            if (closed) {
                return;
            }
        }
        open.resetConnectBackoff();
        ConnectivityState state = open.getState(true);
        if (state == ConnectivityState.TRANSIENT_FAILURE) {
            // It may fail again without a change of its state.
            synchronized (this) {
                connectLater(open);
            }
        }
    }

    /** No more calls: those under way end in their time. */
    public void shutdown() {
        ManagedChannel open = close();
        if (open != null) {
            open.shutdown();
        }
    }

    /** No more calls: those under way end now. */
    void shutdownNow() {
        ManagedChannel open = close();
        if (open != null) {
            open.shutdownNow();
        }
    }

    private synchronized @Nullable ManagedChannel close() {
        closed = true;
        server.connected(false);
        Timers.Pending pending = reconnect;
        if (pending != null) {
            pending.cancel();
            reconnect = null;
        }
        return channel;
    }
}
