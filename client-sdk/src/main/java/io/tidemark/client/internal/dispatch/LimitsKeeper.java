// SPDX-License-Identifier: Apache-2.0
package io.tidemark.client.internal.dispatch;

import io.tidemark.client.internal.time.Timers;
import io.tidemark.proto.v1.ClusterGrpc;
import io.tidemark.proto.v1.GetLimitsRequest;
import io.tidemark.proto.v1.GetLimitsResponse;
import io.tidemark.proto.v1.Limits;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the cluster allows: asked once there is a topology, until it is known, again when that is of another history, and whenever
 * somebody asks before.
 */
final class LimitsKeeper {

    private static final Logger log = LoggerFactory.getLogger(LimitsKeeper.class);
    private static final long DEADLINE_NANOS = 5_000_000_000L;
    private static final long PAUSE_NANOS = 1_000_000_000L;

    private final Parts parts;
    private final AtomicBoolean asking = new AtomicBoolean();
    private volatile @Nullable Limits known;
    private volatile String knownOf = "";
    private volatile String wantedOf = "";

    LimitsKeeper(Parts parts) {
        this.parts = parts;
    }

    /** There is a topology of this history. */
    void topologyOf(String historyId) {
        wantedOf = historyId;
        if (knownOf.equals(historyId) || !asking.compareAndSet(false, true)) {
            return;
        }
        CallContext context = new CallContext("limits", parts.ticker.nanoTime() + DEADLINE_NANOS, false);
        CompletableFuture<?> unused = ask(context).whenComplete((limits, failure) -> {
            asking.set(false);
            if (failure == null) {
                knownOf = historyId;
            }
            if (!parts.isClosed() && !knownOf.equals(wantedOf)) {
                log.debug("The cluster's limits are not known yet", failure);
                Timers.Pending ignored =
                        parts.timers.at(parts.ticker.nanoTime() + PAUSE_NANOS, () -> topologyOf(wantedOf));
            }
        });
    }

    CompletableFuture<Limits> get(CallContext call) {
        Limits now = known;
        return now != null ? CompletableFuture.completedFuture(now) : ask(call);
    }

    private CompletableFuture<Limits> ask(CallContext call) {
        PlainCall<GetLimitsRequest, GetLimitsResponse> asked = new PlainCall<>(
                parts,
                call,
                ClusterGrpc.getGetLimitsMethod(),
                GetLimitsRequest.getDefaultInstance(),
                new Target.Anyone());
        CompletableFuture<Limits> limits = asked.thenApply(answer -> {
            Limits published = answer.message().getLimits();
            known = published;
            parts.gatherings.allowed(published);
            return published;
        });
        asked.begin(-1);
        return limits;
    }
}
