// SPDX-License-Identifier: Apache-2.0
package io.tidemark.server.service;

import io.grpc.stub.ServerCallStreamObserver;
import io.tidemark.proto.v1.ResponseHeader;
import io.tidemark.proto.v1.Row;
import io.tidemark.proto.v1.StreamScanResponse;
import io.tidemark.server.call.Calls;
import io.tidemark.server.call.Failures;
import io.tidemark.server.call.Headers;
import io.tidemark.server.call.Workers;
import io.tidemark.server.read.Admission;
import io.tidemark.server.read.LocalState;
import io.tidemark.server.read.ReadAsk;
import io.tidemark.server.time.Timers;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * One streamed scan. Sends a message whenever the caller's connection takes one, and holds no more than that message in memory.
 *
 * <p>Whatever happens (admission, readiness, cancellation, timer) signals; the steps that follow run on workers, never two at a
 * time, and own all state that is not volatile. What is read keeps replaced files on disk, so it is let go of after a while and
 * opened again behind the last row, at the same index: if history has moved past that index meanwhile, the stream ends with
 * HORIZON_PASSED.
 */
final class StreamedScan {

    /** Messages in a row before other streams have their turn. */
    private static final int TURN = 8;

    private final ServerCallStreamObserver<StreamScanResponse> caller;
    private final LocalState local;
    private final ScanPlan plan;
    private final Headers headers;
    private final RequestLimits limits;
    private final Workers workers;
    private final Timers timers;
    private final Runnable ended;
    private final AtomicInteger signals = new AtomicInteger();

    private volatile @Nullable Admission admission;
    private volatile @Nullable Throwable failure;
    private volatile boolean pinOver;
    private volatile boolean stalled;

    private PageToken position;
    private long rest;
    private boolean over;
    private @Nullable ResponseHeader header;
    private @Nullable PlannedRows rows;
    private Timers.@Nullable Pending pinTimer;
    private Timers.@Nullable Pending stallTimer;

    /**
     * To be made on the thread that received the call.
     *
     * @param start where to begin, whose index counts only if it is that of a resumption
     * @param rest how many rows at most
     * @param ended told once when the stream has ended
     */
    StreamedScan(
            ServerCallStreamObserver<StreamScanResponse> caller,
            LocalState local,
            ScanPlan plan,
            PageToken start,
            long rest,
            Headers headers,
            RequestLimits limits,
            Workers workers,
            Timers timers,
            Runnable ended) {
        this.caller = caller;
        this.local = local;
        this.plan = plan;
        this.position = start;
        this.rest = rest;
        this.headers = headers;
        this.limits = limits;
        this.workers = workers;
        this.timers = timers;
        this.ended = ended;
    }

    /** The state to scan is here. */
    void admitted(Admission state) {
        admission = state;
        signal();
    }

    /** There will be none. */
    void failed(Throwable why) {
        failure = why;
        signal();
    }

    /** Something has changed that the next step will see. */
    void signal() {
        if (signals.getAndIncrement() == 0) {
            goOn();
        }
    }

    private void goOn() {
        try {
            workers.goOn(this::run);
        } catch (RuntimeException stopping) {
            // Nobody else runs, so the state is this thread's.
            fail(stopping);
        }
    }

    private void run() {
        int seen = signals.get();
        if (step() || signals.addAndGet(-seen) != 0) {
            goOn();
        }
    }

    /** Whether to go on without being signalled. */
    private boolean step() {
        try {
            if (over || caller.isCancelled()) {
                end();
                return false;
            }
            Throwable refused = failure;
            if (refused != null) {
                fail(refused);
                return false;
            }
            if (pinOver) {
                pinOver = false;
                closeRows();
            }
            Admission state = admission;
            return state != null && send(state);
        } catch (RuntimeException | Error e) {
            fail(e);
            return false;
        }
    }

    private boolean send(Admission state) {
        for (int i = 0; i < TURN; i++) {
            if (!caller.isReady()) {
                awaitRoom();
                return false;
            }
            roomCame();
            PlannedRows from = opened(state);
            List<Row> next = from.take(rest, limits.streamMessageBytes(), caller::isCancelled);
            if (caller.isCancelled()) {
                end();
                return false;
            }
            sendRows(state, next);
            if (rest == 0 || from.isExhausted()) {
                end();
                caller.onCompleted();
                return false;
            }
        }
        return true;
    }

    /** Whoever takes nothing keeps the place of somebody who would. */
    private void awaitRoom() {
        if (stalled) {
            throw Calls.stalled("scan", limits.maxStreamStall(), "resume it with its last resume_token");
        }
        if (stallTimer == null) {
            stallTimer = timers.after(limits.maxStreamStall(), () -> {
                stalled = true;
                signal();
            });
        }
    }

    private void roomCame() {
        Timers.Pending timer = stallTimer;
        if (timer != null) {
            timer.cancel();
            stallTimer = null;
        }
        stalled = false;
    }

    private void sendRows(Admission state, List<Row> next) {
        StreamScanResponse.Builder message = StreamScanResponse.newBuilder();
        ResponseHeader first = header;
        if (first != null) {
            header = null;
            state.tooLate().ifPresent(late -> {
                throw late;
            });
            message.setHeader(state.staleness()
                    .map(staleness -> Headers.withStaleness(first, staleness))
                    .orElse(first));
        } else if (next.isEmpty()) {
            return;
        }
        rest -= next.size();
        position = next.isEmpty()
                ? position
                : new PageToken(
                        position.kind(),
                        position.history(),
                        position.index(),
                        position.rows() + next.size(),
                        next.get(next.size() - 1).getKey(),
                        position.request(),
                        position.asks());
        caller.onNext(message.addAllRows(next).setResumeToken(position.text()).build());
    }

    private PlannedRows opened(Admission state) {
        PlannedRows open = rows;
        if (open != null) {
            return open;
        }
        boolean first = pinTimer == null;
        Admission source = first ? state : again();
        try (source) {
            Reads.Reading reading = new Reads.Reading(local.store(), source, headers, caller::isCancelled);
            // A shard may have left while nothing was pinned, and its rows with it.
            reading.requireAllShards();
            if (first) {
                TableStates.requireReadable(
                        source.view(), plan.span().table(), local.store().history());
                header = reading.header();
                position = new PageToken(
                        position.kind(),
                        position.history(),
                        source.view().index(),
                        position.rows(),
                        position.last(),
                        position.request(),
                        position.asks());
            }
            open = new PlannedRows(source.view(), plan, position.last());
        }
        rows = open;
        pinTimer = timers.after(limits.maxScanPin(), () -> {
            pinOver = true;
            signal();
        });
        return open;
    }

    /** The same state, or why it is no longer kept. It was applied here, so nobody waits. */
    private Admission again() {
        return local.gate()
                .admit(new ReadAsk(new ReadAsk.AsOfIndex(position.index()), 0, Duration.ZERO, false))
                .join();
    }

    private void fail(Throwable why) {
        boolean toldAlready = over;
        end();
        if (!toldAlready && !caller.isCancelled()) {
            caller.onError(Failures.toStatus(why));
        }
    }

    private void end() {
        closeRows();
        roomCame();
        Admission state = admission;
        if (state != null) {
            state.close();
        }
        if (!over) {
            over = true;
            ended.run();
        }
    }

    private void closeRows() {
        Timers.Pending timer = pinTimer;
        if (timer != null) {
            timer.cancel();
        }
        PlannedRows open = rows;
        if (open != null) {
            rows = null;
            open.close();
        }
    }
}
