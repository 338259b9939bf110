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
import java.util.stream.Stream;
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

    /**
     * How far a majority's clocks have come.
     *
     * @param term of the reign in which they were compared
     * @param wallNanos what they showed at that moment, or this node's clock if that showed less
     * @param agrees this node's clock was not ahead of that by more than the limit
     */
    private record Reached(long term, Moment at, long wallNanos, boolean agrees) {}

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

    /** Null: never compared with a majority's. */
    private volatile @Nullable Reached reached;

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

    /** @param term that this node leads in */
    void compare(
            Membership membership, long term, String nodeId, Moment sent, Moment received, ConfirmTermResponse answer) {
        if (!answer.hasWallTime()) {
            return;
        }
        long off;
        synchronized (this) {
            differences.keySet().retainAll(membership.memberIds());
            differences.put(nodeId, new Difference(received, certain(sent, received, answer.getWallTime())));
            off = offFromMajority(membership, received);
            remember(membership, term, received);
            if (off == 0) {
                hasTold = false;
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
     * What this node's wall clock shows, as far as it can be right: no more than what a majority's clocks had reached, and the time that has
     * passed since, and the limit. So a clock that is or jumps ahead cannot take log time along before its node has given leadership
     * up. A clock that was never compared, as one that has nobody to be compared with, is taken at its word.
     */
    public long credibleWallNanos(Moment now) {
        Reached then = reached;
        if (then == null) {
            return now.wallNanos();
        }
        long passed = Math.max(0, elapsed(then.at, now));
        return Math.min(now.wallNanos(), then.wallNanos + Moment.withDrift(passed) + limitNanos);
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

    /**
     * What another clock showed before this one jumped counts with the jump. Where a majority does not agree with this clock, one of those
     * that were compared may be the wrong one: what it agreed with before in this reign counts more. What was in an earlier reign does
     * not, since drift has added up.
     */
    private void remember(Membership membership, long term, Moment now) {
        int majority = membership.voters().size() / 2 + 1;
        long[] known = Stream.concat(
                        Stream.of(0L),
                        membership.voters().stream()
                                .map(voter -> differences.get(voter.id()))
                                .filter(difference -> difference != null && counts(difference, now))
                                .map(difference -> difference.certainNanos - jumped(difference.at, now)))
                .mapToLong(Long::longValue)
                .sorted()
                .toArray();
        if (known.length < majority) {
            return;
        }
        long ahead = Math.min(0, known[known.length - majority]);
        boolean agrees = ahead >= -limitNanos;
        Reached last = reached;
        if (agrees || last == null || last.term != term || !last.agrees) {
            reached = new Reached(term, now, now.wallNanos() + ahead, agrees);
        }
    }

    private static long jumped(Moment from, Moment to) {
        return to.wallNanos() - from.wallNanos() - elapsed(from, to);
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
