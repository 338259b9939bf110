// SPDX-License-Identifier: Apache-2.0
package io.tidemark.server.feed.core;

import java.time.Duration;

/**
 * What feeds may use.
 *
 * @param subscribersMax how many there may be at a time
 * @param messageBytes a message of commits has about so much; a commit that needs more comes in parts, and one change may still
 *     be larger
 * @param silenceMax a subscriber hears something at least this often
 * @param stallMax for how long a subscriber may leave room or credit for nothing before it is cut off
 * @param probeMax a probe that is not answered after this has failed
 * @param probesMax how many probes of one subscriber may wait
 * @param changesMax how many changes of one subscription may wait
 * @param topologyPause changes of the topology that follow within this time are sent as one
 */
public record FeedOptions(
        int subscribersMax,
        int messageBytes,
        Duration silenceMax,
        Duration stallMax,
        Duration probeMax,
        int probesMax,
        int changesMax,
        Duration topologyPause) {

    private static final int SUBSCRIBERS = 1000;
    private static final int MESSAGE_BYTES = 256 << 10;
    private static final Duration SILENCE = Duration.ofSeconds(1);
    private static final Duration STALL = Duration.ofSeconds(30);
    private static final Duration PROBE = Duration.ofSeconds(3);
    private static final int PROBES = 64;
    private static final int CHANGES = 16;
    private static final Duration TOPOLOGY_PAUSE = Duration.ofMillis(50);

    public FeedOptions {
        requirePositive("messageBytes", messageBytes);
        requirePositive("silenceMax", silenceMax.toNanos());
        requirePositive("stallMax", stallMax.toNanos());
        requirePositive("probeMax", probeMax.toNanos());
        requirePositive("probesMax", probesMax);
        requirePositive("changesMax", changesMax);
    }

    private static void requirePositive(String name, long value) {
        if (value <= 0) {
            throw new IllegalArgumentException(name + ": " + value + " (expected: > 0)");
        }
    }

    /** What production uses. */
    public static FeedOptions defaults() {
        return new FeedOptions(SUBSCRIBERS, MESSAGE_BYTES, SILENCE, STALL, PROBE, PROBES, CHANGES, TOPOLOGY_PAUSE);
    }

    /** How often a session looks at the time. */
    Duration tick() {
        Duration half = stallMax.compareTo(silenceMax) < 0 ? stallMax : silenceMax;
        return (probeMax.compareTo(half) < 0 ? probeMax : half).dividedBy(2);
    }
}
