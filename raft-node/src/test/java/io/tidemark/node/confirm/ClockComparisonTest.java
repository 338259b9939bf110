// SPDX-License-Identifier: Apache-2.0
package io.tidemark.node.confirm;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Timestamp;
import io.tidemark.node.consensus.Membership;
import io.tidemark.proto.v1.ConfirmTermResponse;
import io.tidemark.server.time.Moment;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ClockComparisonTest {

    private static final long MS = 1_000_000;
    private static final long START = 1_000_000 * MS;

    private static final long HOUR = Duration.ofHours(1).toMillis();

    private final Membership three = FakeRaft.stable(1, "n1", "n2", "n3");
    private final List<Duration> told = new ArrayList<>();
    private final ClockComparison clocks = new ClockComparison(Duration.ofMillis(500), told::add);

    private long term = 1;

    /** How far this node's clock has jumped. */
    private long jumpedMs;

    /** A question sent at a time, and how far the other clock is ahead in the middle of the round trip. */
    private void answer(Membership membership, String from, long atMs, long roundTripMs, long aheadMs) {
        long start = START + jumpedMs * MS;
        Moment sent = new Moment(atMs * MS, start + atMs * MS);
        Moment received = new Moment((atMs + roundTripMs) * MS, start + (atMs + roundTripMs) * MS);
        long shown = start + (atMs + aheadMs) * MS + roundTripMs * MS / 2;
        clocks.compare(
                membership,
                term,
                from,
                sent,
                received,
                ConfirmTermResponse.newBuilder()
                        .setWallTime(Timestamp.newBuilder()
                                .setSeconds(Math.floorDiv(shown, 1000 * MS))
                                .setNanos((int) Math.floorMod(shown, 1000 * MS)))
                        .build());
    }

    @Test
    void aMajorityThatIsAheadIsTold() {
        answer(three, "n2", 0, 10, 700);
        assertThat(told).isEmpty();
        answer(three, "n3", 0, 10, 900);
        assertThat(told).hasSize(1);
        assertThat(told.get(0).toMillis()).isBetween(690L, 700L);
    }

    @Test
    void aMajorityThatIsBehindIsTold() {
        answer(three, "n2", 0, 10, -700);
        answer(three, "n3", 0, 10, -900);
        assertThat(told).hasSize(1);
        assertThat(told.get(0).toMillis()).isBetween(-700L, -690L);
    }

    @Test
    void whoIsInTheMiddleIsNotOff() {
        answer(three, "n2", 0, 10, -700);
        answer(three, "n3", 0, 10, 900);
        assertThat(told).isEmpty();
    }

    @Test
    void whatTheRoundTripMayExplainIsNotHeldAgainstIt() {
        answer(three, "n2", 0, 1000, 900);
        answer(three, "n3", 0, 1000, 900);
        assertThat(told).isEmpty();
        answer(three, "n2", 2000, 2, 900);
        answer(three, "n3", 2000, 2, 900);
        assertThat(told).hasSize(1);
    }

    @Test
    void itIsToldAgainOnlyAfterAWhile() {
        for (int at = 0; at < 11_000; at += 10) {
            answer(three, "n2", at, 2, 900);
            answer(three, "n3", at, 2, 900);
        }
        assertThat(told).hasSize(3);
    }

    @Test
    void whatAClockShowedLongAgoAndWhoLeftDoNotCount() {
        answer(three, "n2", 0, 2, 900);
        answer(three, "n3", 60_000, 2, 900);
        assertThat(told).isEmpty();
        answer(FakeRaft.stable(2, "n1", "n2", "n4"), "n2", 60_001, 2, 900);
        assertThat(told).isEmpty();
    }

    @Test
    void anAnswerWithoutATimeSaysNothing() {
        clocks.compare(three, term, "n2", new Moment(1, 1), new Moment(2, 2), ConfirmTermResponse.getDefaultInstance());
        clocks.compare(three, term, "n3", new Moment(1, 1), new Moment(2, 2), ConfirmTermResponse.getDefaultInstance());
        assertThat(told).isEmpty();
    }

    @Test
    void aClockThatNobodyHasAgreedWithIsTakenAtItsWord() {
        assertThat(credible(0, HOUR)).isEqualTo(HOUR);
        answer(three, "n2", 0, 10, 0);
        assertThat(credible(10, HOUR)).isLessThan(1_000);
    }

    @Test
    void aClockThatJumpsAheadIsCredibleAsFarAsAMajorityAgreed() {
        answer(three, "n2", 0, 0, 0);
        answer(three, "n3", 0, 0, 0);

        assertThat(credible(10_000, HOUR)).isEqualTo(505);
        assertThat(credible(10_000, 100)).isEqualTo(100);
        assertThat(credible(10_000, -HOUR)).isEqualTo(-HOUR);
    }

    /** It was started with that, and elected at once. */
    @Test
    void aClockThatWasNeverRightIsCredibleAsFarAsAMajorityHasCome() {
        jumpedMs = HOUR;
        answer(three, "n2", 0, 0, -HOUR);

        assertThat(credible(1_000, HOUR)).isBetween(500L, 501L);
    }

    /** A node that followed for a month would have gained 22 minutes. */
    @Test
    void whatAnEarlierReignAgreedWithDoesNotCount() {
        answer(three, "n2", 0, 0, 0);
        long month = Duration.ofDays(30).toMillis();
        jumpedMs = HOUR;
        term = 2;
        answer(three, "n2", month, 0, -HOUR);

        assertThat(credible(month + 1_000, HOUR)).isBetween(500L, 501L);
    }

    /** Nobody can tell which of the two is wrong, while the third is away. */
    @Test
    void whatThisReignAgreedWithCountsMoreThanOneWhoDoesNot() {
        answer(three, "n3", 0, 0, 0);
        answer(three, "n2", 60_000, 0, -HOUR);

        assertThat(credible(61_000, 0)).isEqualTo(0);
    }

    @Test
    void aClockBehindAMajorityIsTakenAtItsWord() {
        answer(three, "n2", 0, 0, HOUR);
        answer(three, "n3", 0, 0, HOUR);

        assertThat(credible(1_000, 0)).isEqualTo(0);
    }

    @Test
    void whatWasSeenBeforeAJumpDoesNotAgreeWithIt() {
        for (String id : new String[] {"n2", "n3"}) {
            answer(three, id, 0, 0, 0);
        }
        jumpedMs = HOUR;

        answer(three, "n2", 100, 0, -HOUR);
        assertThat(told).isEmpty();
        assertThat(credible(1_000, HOUR)).isBetween(500L, 501L);

        answer(three, "n3", 200, 0, -HOUR);
        assertThat(told).hasSize(1);
        assertThat(credible(1_000, HOUR)).isBetween(500L, 501L);
    }

    @Test
    void aClockThatWasSetRightIsAgreedWithAgain() {
        answer(three, "n2", 0, 0, 0);
        jumpedMs = HOUR;
        answer(three, "n2", 100, 0, 0);
        answer(three, "n3", 100, 0, 0);

        assertThat(credible(1_000, HOUR)).isEqualTo(HOUR);
    }

    /** How far a credible clock is ahead of one that has not jumped, in milliseconds. */
    private long credible(long atMs, long jumpMs) {
        return clocks.credibleWallNanos(new Moment(atMs * MS, START + (atMs + jumpMs) * MS)) / MS - START / MS - atMs;
    }
}
