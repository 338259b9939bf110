// SPDX-License-Identifier: Apache-2.0
package io.tidemark.server.watch;

import io.grpc.StatusRuntimeException;
import io.tidemark.api.ErrorMetadata;
import io.tidemark.api.ErrorStatus;
import io.tidemark.proto.v1.ErrorReason;
import io.tidemark.proto.v1.HorizonPassed;
import io.tidemark.proto.v1.Moved;
import io.tidemark.server.call.Answerer;
import io.tidemark.store.Shards;
import java.time.Duration;
import java.util.function.LongSupplier;

/** Says why a watch ends, and how to go on. */
final class WatchErrors {

    private static final Duration RETRY_DELAY = Duration.ofSeconds(1);

    private final Answerer answerer;
    private final LongSupplier clusterHorizon;

    /** @param clusterHorizon the oldest index that the cluster keeps, as far as this server knows */
    WatchErrors(Answerer answerer, LongSupplier clusterHorizon) {
        this.answerer = answerer;
        this.clusterHorizon = clusterHorizon;
    }

    /** @param through the state behind which changes were wanted */
    StatusRuntimeException horizonPassed(long through, long horizon) {
        long cluster = clusterHorizon.getAsLong();
        String serverId = answerer.serverId();
        return ErrorStatus.of(
                        ErrorReason.ERROR_REASON_HORIZON_PASSED,
                        "the changes behind index " + through + " are no longer kept by " + serverId
                                + ", whose oldest state is " + horizon + "; the cluster's oldest is " + cluster
                                + ". Read anew, then watch.")
                .with(ErrorMetadata.ASKED, through)
                .with(ErrorMetadata.SERVED_BY, serverId)
                .with(ErrorMetadata.SERVER_HORIZON, horizon)
                .with(ErrorMetadata.CLUSTER_HORIZON, cluster)
                .withDetail(HorizonPassed.newBuilder()
                        .setAskedIndex(through)
                        .setServerHorizon(horizon)
                        .setClusterHorizon(cluster)
                        .setServedBy(serverId)
                        .build())
                .toException();
    }

    StatusRuntimeException moved(long through, Shards gone) {
        return ErrorStatus.of(
                        ErrorReason.ERROR_REASON_MOVED,
                        gone.count() + " shards of the watch are no longer served by " + answerer.serverId()
                                + "; resume elsewhere behind index " + through)
                .with(ErrorMetadata.SHARD_COUNT, gone.count())
                .with(ErrorMetadata.SERVED_BY, answerer.serverId())
                .with(ErrorMetadata.THROUGH_INDEX, through)
                .withDetail(Moved.newBuilder()
                        .setThroughIndex(through)
                        .setShards(gone.toProto())
                        .setTopologyVersion(answerer.topologyVersion())
                        .build())
                .toException();
    }

    StatusRuntimeException tooSlow(long through, Duration stalled) {
        return ErrorStatus.of(
                        ErrorReason.ERROR_REASON_WATCHER_TOO_SLOW,
                        "the watcher took nothing for " + stalled.toMillis()
                                + " ms; resume behind the last through_index that arrived, or behind " + through
                                + " if all of it did")
                .with(ErrorMetadata.STALLED_MS, stalled.toMillis())
                .with(ErrorMetadata.THROUGH_INDEX, through)
                .toException();
    }

    StatusRuntimeException stopping() {
        return ErrorStatus.of(
                        ErrorReason.ERROR_REASON_STOPPING,
                        "server " + answerer.serverId() + " is stopping; resume elsewhere")
                .with(ErrorMetadata.SERVED_BY, answerer.serverId())
                .toException();
    }

    StatusRuntimeException tooMany(int watchesMax) {
        return ErrorStatus.of(
                        ErrorReason.ERROR_REASON_OVERLOADED,
                        "server " + answerer.serverId() + " has " + watchesMax
                                + " watches, as many as it is configured for; watch at another one")
                .with(ErrorMetadata.SERVED_BY, answerer.serverId())
                .with(ErrorMetadata.LIMIT, watchesMax)
                .withRetryDelay(RETRY_DELAY)
                .toException();
    }
}
