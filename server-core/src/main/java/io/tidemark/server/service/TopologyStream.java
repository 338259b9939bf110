// SPDX-License-Identifier: Apache-2.0
package io.tidemark.server.service;

import io.grpc.stub.ServerCallStreamObserver;
import io.tidemark.proto.v1.Topology;
import io.tidemark.proto.v1.TopologyVersion;
import io.tidemark.proto.v1.WatchTopologyResponse;
import io.tidemark.server.call.Calls;
import io.tidemark.server.call.Failures;
import io.tidemark.server.call.Workers;
import io.tidemark.server.time.Timers;
import java.time.Duration;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * One watch of the topology. Sends the present one when it is another than the caller has, at most so often, and only when the
 * caller's connection takes it; what came in between is never sent. Any thread signals; a lock keeps the sends apart, which
 * never wait.
 */
final class TopologyStream {

    /** Changes that follow within this time are sent as one. */
    static final Duration PAUSE = Duration.ofMillis(50);

    private final ServerCallStreamObserver<WatchTopologyResponse> caller;
    private final Topologies topologies;
    private final Function<Topology, WatchTopologyResponse> answer;
    private final Workers workers;
    private final Timers timers;

    private volatile Topologies.Registration registration = () -> {};
    private final Duration stallMax;
    private final Runnable ended;
    private @Nullable TopologyVersion known;
    private Timers.@Nullable Pending stallTimer;
    private boolean pausing;
    private boolean over;

    /**
     * A watch that has not begun.
     *
     * @param known what the caller has; null: nothing
     * @param stallMax for how long a caller may leave room for nothing while there is news
     * @param ended told once when the watch has ended
     */
    TopologyStream(
            ServerCallStreamObserver<WatchTopologyResponse> caller,
            Topologies topologies,
            @Nullable TopologyVersion known,
            Function<Topology, WatchTopologyResponse> answer,
            Workers workers,
            Timers timers,
            Duration stallMax,
            Runnable ended) {
        this.caller = caller;
        this.topologies = topologies;
        this.known = known;
        this.answer = answer;
        this.workers = workers;
        this.timers = timers;
        this.stallMax = stallMax;
        this.ended = ended;
    }

    void begin() {
        // From here on no change is missed.
        Topologies.Registration made = topologies.listen(changed -> signal());
        registration = made;
        signal();
        if (caller.isCancelled()) {
            made.close();
        }
    }

    /** The topology has changed, or the caller takes another message. */
    void signal() {
        try {
            workers.goOn(this::send);
        } catch (RuntimeException stopping) {
            fail(stopping);
        }
    }

    /** The caller is gone. */
    void cancelled() {
        end();
    }

    private synchronized void send() {
        if (over || pausing) {
            return;
        }
        try {
            Topology now = topologies.current();
            if (known != null && !isNews(now.getVersion(), known)) {
                return;
            }
            if (!caller.isReady()) {
                if (stallTimer == null) {
                    stallTimer = timers.after(stallMax, this::stalled);
                }
                return;
            }
            roomCame();
            known = now.getVersion();
            pausing = true;
            Timers.Pending unused = timers.after(PAUSE, this::pauseOver);
            caller.onNext(answer.apply(now));
        } catch (RuntimeException | Error e) {
            fail(e);
        }
    }

    private synchronized void roomCame() {
        Timers.Pending timer = stallTimer;
        if (timer != null) {
            timer.cancel();
            stallTimer = null;
        }
    }

    private void stalled() {
        boolean takesNothing;
        synchronized (this) {
            takesNothing = stallTimer != null && !caller.isReady();
            stallTimer = null;
        }
        if (takesNothing) {
            fail(Calls.stalled("topology", stallMax, "watch it again"));
        }
    }

    private void pauseOver() {
        synchronized (this) {
            pausing = false;
        }
        signal();
    }

    private void fail(Throwable why) {
        if (end() && !caller.isCancelled()) {
            caller.onError(Failures.toStatus(why));
        }
    }

    /** False: it had ended. */
    private boolean end() {
        synchronized (this) {
            roomCame();
            if (over) {
                return false;
            }
            over = true;
        }
        ended.run();
        registration.close();
        return true;
    }

    /** Whether a version is newer than another, or of another history. */
    static boolean isNews(TopologyVersion version, TopologyVersion known) {
        return !version.getHistoryId().equals(known.getHistoryId()) || isNewer(version, known);
    }

    /** Within a history. */
    static boolean isNewer(TopologyVersion version, TopologyVersion known) {
        return version.getTerm() > known.getTerm()
                || (version.getTerm() == known.getTerm() && version.getEpoch() > known.getEpoch());
    }
}
