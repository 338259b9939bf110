// SPDX-License-Identifier: Apache-2.0
package io.tidemark.server.feed;

import com.google.protobuf.Timestamp;
import io.grpc.stub.StreamObserver;
import io.tidemark.api.ErrorMetadata;
import io.tidemark.api.ErrorStatus;
import io.tidemark.proto.v1.ErrorReason;
import io.tidemark.proto.v1.HorizonPassed;
import io.tidemark.proto.v1.ResolveTimeRequest;
import io.tidemark.proto.v1.ResolveTimeResponse;
import io.tidemark.server.call.Calls;
import io.tidemark.server.call.UnaryAnswer;
import io.tidemark.server.call.Workers;
import io.tidemark.server.feed.core.FeedErrors;
import io.tidemark.store.LogTime;
import io.tidemark.store.state.BelowHorizonException;
import io.tidemark.store.state.Store;
import io.tidemark.store.state.StoreView;
import java.time.Instant;
import java.util.Optional;
import java.util.function.Supplier;

/** What index a time names, for replicas: they do not know the time of every commit. For any thread; nothing waits here. */
public final class TimeQueries {

    private final String serverId;
    private final AskedStore store;
    private final Workers workers;

    /**
     * Answers from what {@code store} gives.
     *
     * @param clusterId empty while it is not known
     * @param store throws an error for callers while there is nothing
     * @param workers look times up on disk
     */
    public TimeQueries(String serverId, Supplier<String> clusterId, Supplier<Store> store, Workers workers) {
        this.serverId = serverId;
        this.store = new AskedStore(serverId, clusterId, store);
        this.workers = workers;
    }

    public void resolve(ResolveTimeRequest request, StreamObserver<ResolveTimeResponse> caller) {
        UnaryAnswer<ResolveTimeResponse> answer = UnaryAnswer.to(caller);
        try {
            Calls.requireKnown(request);
            Store here = store.of(request.getClusterId(), request.getHistoryId());
            if (!request.hasTime()) {
                throw FeedErrors.field("time", "missing (expected: the time to resolve)");
            }
            LogTime time = time(request.getTime());
            workers.begin(() -> {
                try {
                    answer.succeed(resolved(here, time));
                } catch (RuntimeException | Error e) {
                    answer.fail(e);
                }
            });
        } catch (RuntimeException e) {
            answer.fail(e);
        }
    }

    private static LogTime time(Timestamp time) {
        try {
            return LogTime.of(time);
        } catch (IllegalArgumentException e) {
            throw FeedErrors.field("time", String.valueOf(e.getMessage()));
        }
    }

    private ResolveTimeResponse resolved(Store here, LogTime time) {
        Optional<Long> index;
        try {
            index = here.indexAt(time);
        } catch (BelowHorizonException e) {
            throw horizonPassed(time, e);
        }
        if (index.isEmpty()) {
            throw ErrorStatus.of(
                            ErrorReason.ERROR_REASON_TIME_NOT_CLOSED,
                            "a later commit may still carry the time " + text(time) + ": the newest log time at "
                                    + serverId + " is " + text(here.logTime()) + "; ask again later")
                    .with(ErrorMetadata.ASKED_TIME, text(time))
                    .with(ErrorMetadata.LOG_TIME, text(here.logTime()))
                    .with(ErrorMetadata.SERVED_BY, serverId)
                    .toException();
        }
        ResolveTimeResponse.Builder resolved = ResolveTimeResponse.newBuilder()
                .setHistoryId(here.history().text())
                .setIndex(index.get());
        try (StoreView view = here.viewAt(index.get())) {
            LogTime found = view.time();
            if (found != null) {
                resolved.setLogTime(found.toTimestamp());
            }
        } catch (BelowHorizonException e) {
            throw horizonPassed(time, e);
        }
        return resolved.build();
    }

    private RuntimeException horizonPassed(LogTime time, BelowHorizonException e) {
        return ErrorStatus.of(
                        ErrorReason.ERROR_REASON_HORIZON_PASSED,
                        "the state at " + text(time) + " is no longer kept by " + serverId + ", whose oldest index is "
                                + e.horizon())
                .with(ErrorMetadata.ASKED_TIME, text(time))
                .with(ErrorMetadata.SERVED_BY, serverId)
                .with(ErrorMetadata.SERVER_HORIZON, e.horizon())
                .withDetail(HorizonPassed.newBuilder()
                        .setServerHorizon(e.horizon())
                        .setClusterHorizon(e.horizon())
                        .setServedBy(serverId)
                        .build())
                .toException();
    }

    private static String text(LogTime time) {
        return Instant.ofEpochSecond(time.seconds(), time.nanos()).toString();
    }
}
