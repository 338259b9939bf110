// SPDX-License-Identifier: Apache-2.0
package io.tidemark.store.state;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.tidemark.store.LogTime;
import io.tidemark.store.proto.v1.StorePosition;
import io.tidemark.store.proto.v1.StoredCounters;
import io.tidemark.store.proto.v1.StoredMark;
import io.tidemark.store.transition.CommitMark;
import io.tidemark.store.transition.Counters;

/**
 * How far a store is. One value, replaced whole, so that a reader sees index, sequence and horizon that belong together.
 *
 * @param sequence the engine's index
 * @param horizonMark that of the commit at the horizon, whose own record the engine may no longer show
 * @param digestSequence the sequence that the digests on disk are of
 * @param follows whether it has followed a feed, and so lacks the records of commits that were not for it
 */
record Progress(
        long sequence,
        ByteString callerPosition,
        Counters counters,
        CommitMark horizonMark,
        long digestSequence,
        int transitionVersion,
        boolean follows) {

    long index() {
        return counters.lastIndex();
    }

    long horizon() {
        return counters.horizon();
    }

    /** Refuses an index whose state is no longer kept. */
    void requireKept(long asked) {
        if (asked < horizon()) {
            throw new BelowHorizonException(asked, horizon());
        }
    }

    /** Refuses an index that lies ahead. */
    void requireApplied(long asked) {
        if (asked > index()) {
            throw new NotAppliedException(asked, index());
        }
    }

    Progress atSequence(long other) {
        return new Progress(other, callerPosition, counters, horizonMark, digestSequence, transitionVersion, follows);
    }

    Progress withCallerPosition(ByteString other) {
        return new Progress(sequence, other, counters, horizonMark, digestSequence, transitionVersion, follows);
    }

    Progress withDigestsAt(long other) {
        return new Progress(other, callerPosition, counters, horizonMark, other, transitionVersion, follows);
    }

    Progress withCounters(Counters other) {
        return new Progress(sequence, callerPosition, other, horizonMark, digestSequence, transitionVersion, follows);
    }

    byte[] encode() {
        return StorePosition.newBuilder()
                .setCallerPosition(callerPosition)
                .setCounters(counters(counters))
                .setHorizonMark(mark(horizonMark))
                .setDigestSequence(digestSequence)
                .setTransitionVersion(transitionVersion)
                .setFollows(follows)
                .build()
                .toByteArray();
    }

    static Progress decode(long sequence, byte[] position) {
        try {
            StorePosition stored = StorePosition.parseFrom(position);
            return new Progress(
                    sequence,
                    stored.getCallerPosition(),
                    counters(stored.getCounters()),
                    mark(stored.getHorizonMark()),
                    stored.getDigestSequence(),
                    stored.getTransitionVersion(),
                    stored.getFollows());
        } catch (InvalidProtocolBufferException e) {
            throw new IllegalStateException("the position of a checkpoint is unreadable, though its checksum holds", e);
        }
    }

    private static StoredCounters counters(Counters counters) {
        return StoredCounters.newBuilder()
                .setLastIndex(counters.lastIndex())
                .setLogTime(counters.logTime().toTimestamp())
                .setHorizon(counters.horizon())
                .setTables(counters.tables())
                .setLiveRows(counters.liveRows())
                .setLiveBytes(counters.liveBytes())
                .setSupersededBytes(counters.supersededBytes())
                .setWindowFirst(counters.windowFirst())
                .setWindowNext(counters.windowNext())
                .setWindowFloor(counters.windowFloor())
                .build();
    }

    private static Counters counters(StoredCounters stored) {
        return new Counters(
                stored.getLastIndex(),
                LogTime.of(stored.getLogTime()),
                stored.getHorizon(),
                stored.getTables(),
                stored.getLiveRows(),
                stored.getLiveBytes(),
                stored.getSupersededBytes(),
                stored.getWindowFirst(),
                stored.getWindowNext(),
                stored.getWindowFloor());
    }

    static StoredMark mark(CommitMark mark) {
        return StoredMark.newBuilder()
                .setLogTime(mark.logTime().toTimestamp())
                .setSupersededBytes(mark.supersededBytes())
                .build();
    }

    static CommitMark mark(StoredMark stored) {
        return new CommitMark(LogTime.of(stored.getLogTime()), stored.getSupersededBytes());
    }
}
