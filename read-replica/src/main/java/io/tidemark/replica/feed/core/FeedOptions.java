// SPDX-License-Identifier: Apache-2.0
package io.tidemark.replica.feed.core;

import java.time.Duration;

/**
 * What a replica's feed may take.
 *
 * @param creditBytes how much an upstream may have under way to the replica
 * @param probeInterval between periodic probes while somebody asks for bounds
 * @param idleProbeInterval between them while nobody does
 * @param idleAfter how long nobody asked for a bound by then
 * @param probeTimeout a probe that is not answered by then has failed
 * @param silenceMax an upstream that says nothing for this long is given up, as is one that takes this long to say welcome
 * @param unprovenMax an upstream by which nothing could be proven for this long is changed for another, unless it is telling what
 *     was missed
 * @param retryMin the pause before the first further attempt to reach an upstream; it doubles with each failure
 * @param retryMax the longest such pause
 * @param heartbeatInterval between heartbeats
 * @param holdMax for how long commits may wait for the beginning of a copy
 * @param copySilenceMax a copy that has begun and brings nothing for this long is given up, and gone on with later
 * @param copyRowsStep how many rows of a copy are taken over before the feed has its turn
 */
public record FeedOptions(
        long creditBytes,
        Duration probeInterval,
        Duration idleProbeInterval,
        Duration idleAfter,
        Duration probeTimeout,
        Duration silenceMax,
        Duration unprovenMax,
        Duration retryMin,
        Duration retryMax,
        Duration heartbeatInterval,
        Duration holdMax,
        Duration copySilenceMax,
        int copyRowsStep) {

    private static final long CREDIT_BYTES = 2 << 20;

    /** What production uses. */
    public static FeedOptions defaults() {
        return new FeedOptions(
                CREDIT_BYTES,
                Duration.ofMillis(50),
                Duration.ofSeconds(1),
                Duration.ofSeconds(10),
                Duration.ofSeconds(3),
                Duration.ofSeconds(5),
                Duration.ofSeconds(5),
                Duration.ofMillis(100),
                Duration.ofSeconds(5),
                Duration.ofSeconds(1),
                Duration.ofSeconds(1),
                Duration.ofSeconds(30),
                2_000);
    }

    /** With other figures where operators may choose them. */
    public FeedOptions with(long credit, Duration probes, Duration idleProbes, Duration silence) {
        return new FeedOptions(
                credit,
                probes,
                idleProbes,
                idleAfter,
                probeTimeout,
                silence,
                unprovenMax,
                retryMin,
                retryMax,
                heartbeatInterval,
                holdMax,
                copySilenceMax,
                copyRowsStep);
    }
}
