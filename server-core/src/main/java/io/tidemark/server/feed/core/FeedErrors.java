// SPDX-License-Identifier: Apache-2.0
package io.tidemark.server.feed.core;

import io.grpc.StatusRuntimeException;
import io.tidemark.api.ErrorMetadata;
import io.tidemark.api.ErrorStatus;
import io.tidemark.api.HistoryId;
import io.tidemark.proto.v1.ErrorReason;
import io.tidemark.proto.v1.HistoryChanged;
import io.tidemark.proto.v1.HorizonPassed;
import io.tidemark.server.call.Calls;
import java.time.Duration;
import java.util.List;

/** Says why a server is not fed, and what to do. */
public final class FeedErrors {

    private static final Duration RETRY_DELAY = Duration.ofSeconds(1);

    private FeedErrors() {}

    /**
     * Refuses who is of another cluster.
     *
     * @param actual empty: this server knows of none yet
     */
    public static void requireCluster(String asked, String actual, String serverId) {
        if (actual.isEmpty()) {
            throw ErrorStatus.of(
                            ErrorReason.ERROR_REASON_STOPPING,
                            "server " + serverId + " does not know its cluster yet: ask again, or another server")
                    .with(ErrorMetadata.SERVED_BY, serverId)
                    .toException();
        }
        if (!asked.equals(actual)) {
            throw ErrorStatus.of(
                            ErrorReason.ERROR_REASON_CLUSTER_MISMATCH,
                            "cluster_id: '" + asked + "' (expected: '" + actual + "', the cluster of server " + serverId
                                    + "); look at the addresses that the caller was given")
                    .with(ErrorMetadata.ASKED_CLUSTER_ID, asked)
                    .with(ErrorMetadata.ACTUAL_CLUSTER_ID, actual)
                    .with(ErrorMetadata.SERVED_BY, serverId)
                    .toException();
        }
    }

    /** Refuses who is of another history. */
    public static void requireHistory(String asked, HistoryId actual) {
        if (!asked.equals(actual.text())) {
            throw ErrorStatus.of(
                            ErrorReason.ERROR_REASON_HISTORY_CHANGED,
                            "history_id: '" + asked + "' (expected: '" + actual
                                    + "'): the cluster was restored or recovered; begin anew, empty")
                    .with(ErrorMetadata.ASKED_HISTORY_ID, asked)
                    .with(ErrorMetadata.ACTUAL_HISTORY_ID, actual.text())
                    .withDetail(HistoryChanged.newBuilder()
                            .setAskedHistoryId(asked)
                            .setActualHistoryId(actual.text())
                            .build())
                    .toException();
        }
    }

    static StatusRuntimeException version(List<Integer> spoken, int here) {
        return ErrorStatus.of(
                        ErrorReason.ERROR_REASON_CLUSTER_MISMATCH,
                        "feed_versions: " + spoken + " (expected: " + here
                                + " among them, the one that this server speaks); upgrade the older of the two")
                .with(ErrorMetadata.FIELD, "feed_versions")
                .toException();
    }

    /** A message that breaks a rule. */
    public static StatusRuntimeException field(String field, String problem) {
        return ErrorStatus.of(ErrorReason.ERROR_REASON_INVALID_FIELD, field + ": " + problem)
                .with(ErrorMetadata.FIELD, field)
                .withField(field, problem)
                .toException();
    }

    static StatusRuntimeException unknown(String field) {
        return ErrorStatus.of(
                        ErrorReason.ERROR_REASON_UNSUPPORTED,
                        "field " + field + " of a message to the feed is not known to this server: upgrade it first")
                .with(ErrorMetadata.FIELD, field)
                .toException();
    }

    static StatusRuntimeException horizonPassed(String serverId, long after, long horizon) {
        return ErrorStatus.of(
                        ErrorReason.ERROR_REASON_HORIZON_PASSED,
                        "what follows index " + after + " is no longer kept by " + serverId + ", whose oldest state is "
                                + horizon + "; say hello again, and begin with a copy")
                .with(ErrorMetadata.ASKED, after)
                .with(ErrorMetadata.SERVED_BY, serverId)
                .with(ErrorMetadata.SERVER_HORIZON, horizon)
                .withDetail(HorizonPassed.newBuilder()
                        .setAskedIndex(after)
                        .setServerHorizon(horizon)
                        .setClusterHorizon(horizon)
                        .setServedBy(serverId)
                        .build())
                .toException();
    }

    static StatusRuntimeException tooSlow(Duration stalled) {
        return Calls.stalled("feed", stalled, "say hello again, here or elsewhere, behind what was applied");
    }

    /** The server stops, or another stream or store takes the place of this one, before there was a welcome. */
    static StatusRuntimeException notBegun(String serverId) {
        return ErrorStatus.of(
                        ErrorReason.ERROR_REASON_STOPPING,
                        "server " + serverId + " cannot begin this feed now: say hello again, or go to another server")
                .with(ErrorMetadata.SERVED_BY, serverId)
                .toException();
    }

    static StatusRuntimeException tooManyChanges(int changesMax) {
        return ErrorStatus.of(
                        ErrorReason.ERROR_REASON_OVERLOADED,
                        changesMax + " changes of the subscription wait already, the most allowed; wait for"
                                + " SubscriptionChanged")
                .with(ErrorMetadata.LIMIT, changesMax)
                .withRetryDelay(RETRY_DELAY)
                .toException();
    }

    /** Somebody else is fed under that name. */
    public static StatusRuntimeException otherDisk(String serverId, String subscriberId, String asked, String actual) {
        return ErrorStatus.of(
                        ErrorReason.ERROR_REASON_MEMBER_EXISTS,
                        "replica " + subscriberId + " is on disk " + actual + ", and fed by " + serverId + "; disk "
                                + asked + " is another replica's: give that one an id of its own")
                .with(ErrorMetadata.SERVER_ID, subscriberId)
                .with(ErrorMetadata.ASKED_DISK_ID, asked)
                .with(ErrorMetadata.ACTUAL_DISK_ID, actual)
                .toException();
    }

    /** There are as many subscribers as there may be. */
    public static StatusRuntimeException tooMany(String serverId, int subscribersMax) {
        return ErrorStatus.of(
                        ErrorReason.ERROR_REASON_OVERLOADED,
                        "server " + serverId + " feeds " + subscribersMax
                                + " subscribers, as many as it is configured for; go to another one")
                .with(ErrorMetadata.SERVED_BY, serverId)
                .with(ErrorMetadata.LIMIT, subscribersMax)
                .withRetryDelay(RETRY_DELAY)
                .toException();
    }
}
