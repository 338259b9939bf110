// SPDX-License-Identifier: Apache-2.0
package io.tidemark.replica.serve;

import io.tidemark.api.ErrorMetadata;
import io.tidemark.api.ErrorStatus;
import io.tidemark.proto.v1.ErrorReason;
import io.tidemark.proto.v1.ReplicationGrpc;
import io.tidemark.proto.v1.ResolveTimeRequest;
import io.tidemark.proto.v1.ResolveTimeResponse;
import io.tidemark.store.LogTime;
import io.tidemark.store.state.Store;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.function.Supplier;

/** Has a node resolve times: a replica is not told the time of every commit. The result travels as an index. */
public record UpstreamTimes(String serverId, PassingOn passingOn, Supplier<String> clusterId, Store store)
        implements Function<LogTime, CompletableFuture<Long>> {

    @Override
    public CompletableFuture<Long> apply(LogTime time) {
        String history = store.history().text();
        ResolveTimeRequest request = ResolveTimeRequest.newBuilder()
                .setClusterId(clusterId.get())
                .setHistoryId(history)
                .setTime(time.toTimestamp())
                .build();
        CompletableFuture<ResolveTimeResponse> asked =
                passingOn.unary(PassingOn.Effect.NONE, ReplicationGrpc.getResolveTimeMethod(), request);
        CompletableFuture<Long> index = new CompletableFuture<>();
        CompletableFuture<ResolveTimeResponse> unused = asked.whenComplete((answer, failure) -> {
            if (failure != null) {
                index.completeExceptionally(failure);
            } else if (!answer.hasIndex() || !answer.getHistoryId().equals(history)) {
                index.completeExceptionally(notResolved());
            } else {
                index.complete(answer.getIndex());
            }
        });
        CompletableFuture<Long> unusedToo = index.whenComplete((value, failure) -> {
            if (index.isCancelled()) {
                asked.cancel(false);
            }
        });
        return index;
    }

    private RuntimeException notResolved() {
        return ErrorStatus.of(
                        ErrorReason.ERROR_REASON_STOPPING,
                        "no node that replica " + serverId + " asked could say which index the time names; try again")
                .with(ErrorMetadata.SERVED_BY, serverId)
                .toException();
    }
}
