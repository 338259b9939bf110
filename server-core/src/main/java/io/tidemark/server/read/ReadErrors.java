// SPDX-License-Identifier: Apache-2.0
package io.tidemark.server.read;

import io.grpc.StatusRuntimeException;
import io.tidemark.api.ErrorStatus;
import io.tidemark.proto.v1.Behind;
import io.tidemark.proto.v1.ErrorReason;
import io.tidemark.proto.v1.HorizonPassed;
import io.tidemark.proto.v1.Strength;
import io.tidemark.proto.v1.TooStale;
import io.tidemark.proto.v1.Unmet;
import io.tidemark.server.freshness.Freshness;
import io.tidemark.server.freshness.Proof;
import io.tidemark.server.time.Ticker;
import io.tidemark.store.state.BelowHorizonException;
import io.tidemark.store.state.Store;
import java.time.Duration;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** Says why a read cannot be answered as asked: what was asked, what is here, and why. */
public final class ReadErrors {

    private final Store store;
    private final Freshness freshness;
    private final Ticker ticker;
    private final String serverId;
    private final LongSupplier clusterHorizon;

    /** @param clusterHorizon the oldest index that the cluster keeps, as far as this server knows */
    public ReadErrors(Store store, Freshness freshness, Ticker ticker, String serverId, LongSupplier clusterHorizon) {
        this.store = store;
        this.freshness = freshness;
        this.ticker = ticker;
        this.serverId = serverId;
        this.clusterHorizon = clusterHorizon;
    }

    StatusRuntimeException horizonPassed(BelowHorizonException e) {
        long cluster = clusterHorizon.getAsLong();
        return ErrorStatus.of(
                        ErrorReason.ERROR_REASON_HORIZON_PASSED,
                        "index " + e.index() + " is no longer kept by " + serverId + ", whose oldest is " + e.horizon()
                                + "; the cluster's oldest is " + cluster)
                .with("asked", e.index())
                .with("served_by", serverId)
                .with("server_horizon", e.horizon())
                .with("cluster_horizon", cluster)
                .withDetail(HorizonPassed.newBuilder()
                        .setAskedIndex(e.index())
                        .setServerHorizon(e.horizon())
                        .setClusterHorizon(cluster)
                        .setServedBy(serverId)
                        .build())
                .build()
                .toException();
    }

    /** @param proven what was proven for this read alone; null: nothing */
    StatusRuntimeException notMet(ReadAsk ask, @Nullable Proof proven) {
        if (ask.base() instanceof ReadAsk.AsOfIndex asOf) {
            return notReached(asOf.index());
        }
        Unmet unmet = unmet(ask, proven);
        return ErrorStatus.of(
                        ErrorReason.ERROR_REASON_TOO_STALE,
                        "server " + serverId + " is not as fresh as asked: " + described(unmet)
                                + "; wait longer, ask for less, or ask another server")
                .with("served_by", serverId)
                .with("unmet", described(unmet))
                .withDetail(TooStale.newBuilder()
                        .setUnmet(unmet)
                        .setServedBy(serverId)
                        .build())
                .build()
                .toException();
    }

    private StatusRuntimeException notReached(long asked) {
        long applied = store.appliedIndex();
        return ErrorStatus.of(
                        ErrorReason.ERROR_REASON_INDEX_NOT_REACHED,
                        "index " + asked + " was not reached in time: " + serverId + " has applied " + applied)
                .with("asked", asked)
                .with("applied", applied)
                .with("served_by", serverId)
                .build()
                .toException();
    }

    /** What of an ask this server does not meet now. */
    Unmet unmet(ReadAsk ask, @Nullable Proof proven) {
        long applied = store.appliedIndex();
        long floor = Math.max(ask.floor(), proven == null ? 0 : proven.index());
        Unmet.Builder unmet = Unmet.newBuilder();
        unmet.setBehind(applied < floor ? Behind.BEHIND_APPLY : freshness.behind());
        if (applied < ask.floor()) {
            unmet.setAskedIndex(ask.floor()).setActualIndex(applied);
        }
        Proof holding = freshness.proofs().newestFor(applied);
        if (ask.base() instanceof ReadAsk.Recent recent) {
            Duration bound = recent.maxStaleness();
            if (bound != null) {
                unmet.setAskedStaleness(proto(bound));
            }
        } else {
            unmet.setAskedStrength(Strength.STRENGTH_LINEARIZABLE);
        }
        if (holding != null) {
            unmet.setActualStaleness(proto(holding.staleness(ticker.now())));
        }
        return unmet.build();
    }

    private static String described(Unmet unmet) {
        StringBuilder text = new StringBuilder();
        if (unmet.getAskedStrength() == Strength.STRENGTH_LINEARIZABLE) {
            text.append("linearizable was asked for; ");
        }
        if (unmet.hasAskedIndex()) {
            text.append("asked index ").append(unmet.getAskedIndex());
            text.append(", applied ").append(unmet.getActualIndex()).append("; ");
        }
        if (unmet.hasAskedStaleness()) {
            text.append("asked staleness ")
                    .append(millis(unmet.getAskedStaleness()))
                    .append(" ms; ");
        }
        text.append("staleness here ");
        text.append(unmet.hasActualStaleness() ? millis(unmet.getActualStaleness()) + " ms" : "unknown");
        return text.append(", behind by ").append(unmet.getBehind()).toString();
    }

    private static long millis(com.google.protobuf.Duration duration) {
        return Duration.ofSeconds(duration.getSeconds(), duration.getNanos()).toMillis();
    }

    static com.google.protobuf.Duration proto(Duration duration) {
        return com.google.protobuf.Duration.newBuilder()
                .setSeconds(duration.getSeconds())
                .setNanos(duration.getNano())
                .build();
    }
}
