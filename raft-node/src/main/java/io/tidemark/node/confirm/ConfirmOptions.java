// SPDX-License-Identifier: Apache-2.0
package io.tidemark.node.confirm;

import java.time.Duration;

/**
 * How long things may take.
 *
 * @param roundMax a leader's round without a majority fails after this
 * @param remoteMax a follower that has no confirmed index after this gives up
 * @param attemptMax a follower that has no answer after this asks again
 * @param retryPause before who did not answer, or could not, is asked again
 * @param clockOffMax a leader whose clock differs by more than this from a majority's is off
 */
public record ConfirmOptions(
        Duration roundMax, Duration remoteMax, Duration attemptMax, Duration retryPause, Duration clockOffMax) {

    public ConfirmOptions {
        requirePositive("roundMax", roundMax);
        requirePositive("remoteMax", remoteMax);
        requirePositive("attemptMax", attemptMax);
        requirePositive("retryPause", retryPause);
        requirePositive("clockOffMax", clockOffMax);
    }

    /** As shipped. */
    public static ConfirmOptions defaults() {
        return of(Duration.ofMillis(800), Duration.ofMillis(500));
    }

    /** What follows from these two: a leader's round fits into an attempt of a follower, which has time for two. */
    public static ConfirmOptions of(Duration roundMax, Duration clockOffMax) {
        Duration attemptMax = roundMax.plus(roundMax.dividedBy(4));
        return new ConfirmOptions(roundMax, attemptMax.multipliedBy(2), attemptMax, Duration.ofMillis(20), clockOffMax);
    }

    private static void requirePositive(String name, Duration value) {
        if (value.isNegative() || value.isZero()) {
            throw new IllegalArgumentException(name + ": " + value + " (expected: more than zero)");
        }
    }
}
