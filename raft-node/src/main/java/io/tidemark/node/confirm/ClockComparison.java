// SPDX-License-Identifier: Apache-2.0
package io.tidemark.node.confirm;

import com.google.protobuf.Timestamp;
import io.tidemark.node.consensus.Member;
import io.tidemark.node.consensus.Membership;
import io.tidemark.proto.v1.ConfirmTermResponse;
import io.tidemark.server.time.Moment;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Compares this node's wall clock with the clocks of those who answer it. A clock that shows what it showed when the question
 * was halfway there and back is off by nothing; it can be off by half the round trip more or less, so that much is never held
 * against it.
 *
 * <p>Freshness does not need it: commits have log times, which a leader's wrong clock would bend. Any thread may call.
 */
public final class ClockComparison {

    /** What a clock showed longer ago than this says nothing any more. */
    private static final Duration KEPT = Duration.ofSeconds(10);

    /** A clock that is off is told of this often, for as long as it is. */
    private static final Duration TOLD_EVERY = Duration.ofSeconds(5);

    private static final long NANOS_PER_SECOND = 1_000_000_000;

    /** @param certainNanos how far the other clock is ahead (below 0: behind), at least */
    private record Difference(Moment at, long certainNanos) {}

    private final long limitNanos;
    private final Consumer<Duration> clockOff;

    /** By node. Guarded by this. */
    private final Map<String, Difference> differences = new HashMap<>();

    /** Guarded by this. */
    private Moment told;

    /** Guarded by this. */
    private boolean hasTold;

    /** When a majority's clocks agreed with this one the last time. */
    private volatile @Nullable Moment agreed;

    /**
     * Begins to compare.
     *
     * @param limit how far clocks may differ
     * @param clockOff told when a majority's clocks are ahead (below zero: behind) of this one by more than the limit, by how much at
     *     least; on a thread that brought an answer, so it must be quick
     */
    public ClockComparison(Duration limit, Consumer<Duration> clockOff) {
        this.limitNanos = limit.toNanos();
        this.clockOff = clockOff;
        this.told = new Moment(0, 0);
    }

    void compare(Membership membership, String nodeId, Moment sent, Moment received, ConfirmTermResponse answer) {
        if (!answer.hasWallTime()) {
            return;
        }
        long off;
        synchronized (this) {
            differences.keySet().retainAll(membership.memberIds());
            differences.put(nodeId, new Difference(received, certain(sent, received, answer.getWallTime())));
            off = offFromMajority(membership, received);
            if (off == 0) {
                hasTold = false;
                if (isAgreed(membership, received)) {
                    agreed = received;
                }
                return;
            }
            if (hasTold && elapsed(told, received) < TOLD_EVERY.toNanos()) {
                return;
            }
            hasTold = true;
            told = received;
        }
        clockOff.accept(Duration.ofNanos(off));
    }

    /**
     * What this node's wall clock shows, as far as it can be right: no more than what a majority agreed with, and the time that has passed
     * since, and the limit. So a clock that jumps ahead cannot take log time along before its node has given leadership up. A clock
     * that was never agreed with, as one that has nobody to be compared with, is taken at its word.
     */
    public long credibleWallNanos(Moment now) {
        Moment then = agreed;
        if (then == null) {
            return now.wallNanos();
        }
        long passed = Math.max(0, elapsed(then, now));
        return Math.min(now.wallNanos(), then.wallNanos() + Moment.withDrift(passed) + limitNanos);
    }

    /** By node how far its clock is ahead (below zero: behind) of this one, at least, as far as that is known now. */
    public synchronized Map<String, Duration> differences(Moment now) {
        Map<String, Duration> certain = new HashMap<>();
        differences.forEach((nodeId, difference) -> {
            if (counts(difference, now)) {
                certain.put(nodeId, Duration.ofNanos(difference.certainNanos));
            }
        });
        return certain;
    }

    private static long certain(Moment sent, Moment received, Timestamp other) {
        long roundTrip = Math.max(0, elapsed(sent, received));
        // Both readings of this clock bound where it stood when the other one was read.
        long shown = other.getSeconds() * NANOS_PER_SECOND + other.getNanos();
        long ahead = shown - (received.wallNanos() - roundTrip / 2);
        long uncertain = roundTrip / 2 + 1;
        return ahead > uncertain ? ahead - uncertain : Math.min(0, ahead + uncertain);
    }

    /** By how much a majority is off in one direction, at least; 0: within the limit. */
    private long offFromMajority(Membership membership, Moment now) {
        int voters = membership.voters().size();
        long[] known = new long[voters];
        int i = 0;
        for (Member voter : membership.voters()) {
            known[i++] = certainNow(differences.get(voter.id()), now);
        }
        Arrays.sort(known);
        int majority = voters / 2 + 1;
        long ahead = known[voters - majority];
        long behind = known[majority - 1];
        if (ahead > limitNanos) {
            return ahead;
        }
        return behind < -limitNanos ? behind : 0;
    }

    /** Whether a majority, this node included, shows the same. What was seen before this clock jumped counts with the jump. */
    private boolean isAgreed(Membership membership, Moment now) {
        int voters = membership.voters().size();
        int agreeing = 1;
        for (Member voter : membership.voters()) {
            Difference difference = differences.get(voter.id());
            if (difference != null && counts(difference, now)) {
                long jumped = now.wallNanos() - difference.at.wallNanos() - elapsed(difference.at, now);
                agreeing += Math.abs(difference.certainNanos - jumped) <= limitNanos ? 1 : 0;
            }
        }
        return agreeing > voters / 2;
    }

    private static long certainNow(@Nullable Difference difference, Moment now) {
        return difference != null && counts(difference, now) ? difference.certainNanos : 0;
    }

    private static boolean counts(Difference difference, Moment now) {
        return elapsed(difference.at, now) <= KEPT.toNanos();
    }

    private static long elapsed(Moment from, Moment to) {
        return to.monotonicNanos() - from.monotonicNanos();
    }
}
