// SPDX-License-Identifier: Apache-2.0
package io.tidemark.node.maintenance;

import io.grpc.StatusRuntimeException;
import io.tidemark.api.ErrorStatus;
import io.tidemark.node.cluster.HandOver;
import io.tidemark.node.consensus.Member;
import io.tidemark.proto.v1.ErrorReason;
import io.tidemark.proto.v1.MaintenanceGrpc;
import io.tidemark.proto.v1.Progress;
import io.tidemark.proto.v1.RemoveNodeRequest;
import io.tidemark.proto.v1.RemoveNodeResponse;
import io.tidemark.server.forward.Origin;
import io.tidemark.server.time.Timers;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Removes the node that leads. It cannot see its own removal through, so it hands over first, and has the next leader remove it. For
 * any thread.
 */
public final class LeaderRemoval {

    private static final Duration RETRY_DELAY = Duration.ofMillis(100);
    /** The next leader takes a moment before it can act as one. */
    private static final int TRIES_MAX = 100;

    private static final Set<ErrorReason> NOT_YET =
            Set.of(ErrorReason.ERROR_REASON_NO_LEADER, ErrorReason.ERROR_REASON_NOT_LEADER);

    private final HandOver handOver;
    private final PassingOn passingOn;
    private final Timers timers;

    public LeaderRemoval(HandOver handOver, PassingOn passingOn, Timers timers) {
        this.handOver = handOver;
        this.passingOn = passingOn;
        this.timers = timers;
    }

    CompletableFuture<Void> remove(RemoveNodeRequest request, Consumer<Progress> progress) {
        Origin origin = Origin.current();
        progress.accept(
                Progress.newBuilder().setStage("handing leadership over").build());
        return handOver.to(null).thenCompose(next -> ask(next, origin, request, progress, TRIES_MAX));
    }

    private CompletableFuture<Void> ask(
            Member next, Origin origin, RemoveNodeRequest request, Consumer<Progress> progress, int triesLeft) {
        Consumer<RemoveNodeResponse> told = answer -> progress.accept(answer.getProgress());
        return passingOn
                .relay(next.internalAddress(), origin, MaintenanceGrpc.getRemoveNodeMethod(), request, told)
                .exceptionallyCompose(failure -> {
                    StatusRuntimeException error = statusOf(failure);
                    if (error == null || triesLeft == 0 || !isTooEarly(error)) {
                        return CompletableFuture.failedFuture(failure);
                    }
                    CompletableFuture<Void> later = new CompletableFuture<>();
                    timers.after(RETRY_DELAY, () -> later.complete(null));
                    return later.thenCompose(waited -> ask(next, origin, request, progress, triesLeft - 1));
                });
    }

    private static boolean isTooEarly(StatusRuntimeException error) {
        return ErrorStatus.from(error)
                .filter(known -> NOT_YET.contains(known.reason()))
                .isPresent();
    }

    private static @Nullable StatusRuntimeException statusOf(Throwable failure) {
        Throwable cause =
                failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
        return cause instanceof StatusRuntimeException error ? error : null;
    }
}
