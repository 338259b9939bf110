// SPDX-License-Identifier: Apache-2.0
package io.tidemark.server.read;

import io.grpc.StatusRuntimeException;
import io.tidemark.api.ErrorMetadata;
import io.tidemark.api.ErrorStatus;
import io.tidemark.api.ProtoTimes;
import io.tidemark.proto.v1.Behind;
import io.tidemark.proto.v1.ErrorReason;
import io.tidemark.proto.v1.HorizonPassed;
import io.tidemark.proto.v1.Strength;
import io.tidemark.proto.v1.TooStale;
import io.tidemark.proto.v1.Unmet;
import io.tidemark.server.freshness.Freshness;
import io.tidemark.server.freshness.Proof;
import io.tidemark.server.time.Moment;
import io.tidemark.server.time.Ticker;
import io.tidemark.store.LogTime;
import io.tidemark.store.state.BelowHorizonException;
import io.tidemark.store.state.Store;
import java.time.Duration;
import java.time.Instant;
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
                .with(ErrorMetadata.ASKED, e.index())
                .with(ErrorMetadata.SERVED_BY, serverId)
                .with(ErrorMetadata.SERVER_HORIZON, e.horizon())
                .with(ErrorMetadata.CLUSTER_HORIZON, cluster)
                .withDetail(HorizonPassed.newBuilder()
                        .setAskedIndex(e.index())
                        .setServerHorizon(e.horizon())
                        .setClusterHorizon(cluster)
                        .setServedBy(serverId)
                        .build())
                .toException();
    }

    /** Even the oldest state that is kept is later than that time. */
    StatusRuntimeException horizonPassed(LogTime time, BelowHorizonException e) {
        long cluster = clusterHorizon.getAsLong();
        return ErrorStatus.of(
                        ErrorReason.ERROR_REASON_HORIZON_PASSED,
                        "the state at " + text(time) + " is no longer kept by " + serverId + ", whose oldest index is "
                                + e.horizon() + "; the cluster's oldest is " + cluster)
                .with(ErrorMetadata.ASKED_TIME, text(time))
                .with(ErrorMetadata.SERVED_BY, serverId)
                .with(ErrorMetadata.SERVER_HORIZON, e.horizon())
                .with(ErrorMetadata.CLUSTER_HORIZON, cluster)
                .withDetail(HorizonPassed.newBuilder()
                        .setServerHorizon(e.horizon())
                        .setClusterHorizon(cluster)
                        .setServedBy(serverId)
                        .build())
                .toException();
    }

    /** A floor, a bound or the newest state. */
    StatusRuntimeException tooStale(Unmet unmet, @Nullable Duration expectedWait) {
        TooStale.Builder detail = TooStale.newBuilder().setUnmet(unmet).setServedBy(serverId);
        if (expectedWait != null) {
            detail.setExpectedWait(ProtoTimes.duration(expectedWait));
        }
        return ErrorStatus.of(
                        ErrorReason.ERROR_REASON_TOO_STALE,
                        "server " + serverId + " is not as fresh as asked: " + described(unmet)
                                + "; wait longer, ask for less, or ask another server")
                .with(ErrorMetadata.SERVED_BY, serverId)
                .with(ErrorMetadata.UNMET, described(unmet))
                .withDetail(detail.build())
                .toException();
    }

    /** No proof came in time, and nobody said why. */
    StatusRuntimeException notConfirmed() {
        return ErrorStatus.of(
                        ErrorReason.ERROR_REASON_NO_LEADER,
                        "no leadership could be confirmed in time, as server " + serverId
                                + " sees it; wait longer, or ask for less than linearizable")
                .with(ErrorMetadata.SERVED_BY, serverId)
                .toException();
    }

    StatusRuntimeException notReached(long asked) {
        long applied = store.appliedIndex();
        return ErrorStatus.of(
                        ErrorReason.ERROR_REASON_INDEX_NOT_REACHED,
                        "index " + asked + " was not reached in time: " + serverId + " has applied " + applied)
                .with(ErrorMetadata.ASKED, asked)
                .with(ErrorMetadata.APPLIED, applied)
                .with(ErrorMetadata.SERVED_BY, serverId)
                .toException();
    }

    StatusRuntimeException timeNotClosed(LogTime time) {
        return ErrorStatus.of(
                        ErrorReason.ERROR_REASON_TIME_NOT_CLOSED,
                        "a later commit may still carry the time " + text(time) + ": the newest log time at " + serverId
                                + " is " + text(store.logTime()) + "; wait longer, or ask for an earlier time")
                .with(ErrorMetadata.ASKED, text(time))
                .with(ErrorMetadata.LOG_TIME, text(store.logTime()))
                .with(ErrorMetadata.SERVED_BY, serverId)
                .toException();
    }

    /**
     * What of an ask this server does not meet now.
     *
     * @param proven what was proven for this read alone; null: nothing
     */
    Unmet unmet(ReadAsk ask, @Nullable Proof proven) {
        long applied = store.appliedIndex();
        Unmet.Builder unmet = Unmet.newBuilder();
        if (applied < ask.floor()) {
            unmet.setAskedIndex(ask.floor()).setActualIndex(applied);
        }
        Proof holding = freshness.proofs().newestFor(applied);
        Moment now = ticker.now();
        boolean waitsForApply = applied < ask.floor() || (proven != null && applied < proven.index());
        if (ask.base() instanceof ReadAsk.Recent recent) {
            Duration bound = recent.maxStaleness();
            if (bound != null) {
                unmet.setAskedStaleness(ProtoTimes.duration(bound));
            }
            if (recent.maxLag() != null) {
                unmet.setAskedLag(recent.maxLag());
            }
            Proof newest = freshness.proofs().newestFor(Long.MAX_VALUE);
            if (newest != null && bound != null && newest.staleness(now).compareTo(bound) <= 0) {
                waitsForApply |= newest.index() > applied;
                if (recent.maxLag() != null) {
                    unmet.setActualLag(Math.max(0, newest.index() - applied));
                }
            }
        } else {
            unmet.setAskedStrength(Strength.STRENGTH_LINEARIZABLE);
        }
        if (holding != null) {
            unmet.setActualStaleness(ProtoTimes.duration(holding.staleness(now)));
        }
        return unmet.setBehind(waitsForApply ? Behind.BEHIND_APPLY : freshness.behind())
                .build();
    }

    /**
     * The bound of a read that was let in by it has passed.
     *
     * @param staleness of what it read; null: unknown
     */
    Unmet passed(ReadAsk.Recent recent, @Nullable Duration staleness) {
        Unmet.Builder unmet = Unmet.newBuilder().setBehind(freshness.behind());
        Duration bound = recent.maxStaleness();
        if (bound != null) {
            unmet.setAskedStaleness(ProtoTimes.duration(bound));
        }
        if (recent.maxLag() != null) {
            unmet.setAskedLag(recent.maxLag());
        }
        if (staleness != null) {
            unmet.setActualStaleness(ProtoTimes.duration(staleness));
        }
        return unmet.build();
    }

    private static String text(LogTime time) {
        return Instant.ofEpochSecond(time.seconds(), time.nanos()).toString();
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
        if (unmet.hasAskedLag()) {
            text.append("asked lag ").append(unmet.getAskedLag()).append(", here ");
            text.append(unmet.hasActualLag() ? String.valueOf(unmet.getActualLag()) : "unknown")
                    .append("; ");
        }
        text.append("staleness here ");
        text.append(unmet.hasActualStaleness() ? millis(unmet.getActualStaleness()) + " ms" : "unknown");
        return text.append(", behind by ").append(unmet.getBehind()).toString();
    }

    private static long millis(com.google.protobuf.Duration duration) {
        return ProtoTimes.duration(duration).toMillis();
    }
}
