// SPDX-License-Identifier: Apache-2.0
package io.tidemark.server.feed.core;

import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;

/** What all feeds of a server have sent, and how they ended. Thread-safe. */
public final class FeedCounts {

    /** How a feed ended. */
    public enum End {
        /** The subscriber wanted no more, or was gone. */
        LEFT,
        /** It took nothing for too long. */
        TOO_SLOW,
        /** It needs what is no longer kept. */
        HORIZON_PASSED,
        /** The server said goodbye. */
        GOODBYE,
        /** The server did not understand it, or could not go on. */
        REFUSED
    }

    /** How a probe ended. */
    public enum ProbeEnd {
        PROVEN,
        FAILED,
        /** More waited than may, or the feed ended. */
        DROPPED
    }

    private final LongAdder begun = new LongAdder();
    private final LongAdder messages = new LongAdder();
    private final LongAdder bytes = new LongAdder();
    private final LongAdder commits = new LongAdder();
    private final LongAdder creditStalls = new LongAdder();
    private final LongAdder roomStalls = new LongAdder();
    private final LongAdder diskReads = new LongAdder();
    private final Map<End, LongAdder> ends = adders(End.class);
    private final Map<ProbeEnd, LongAdder> probes = adders(ProbeEnd.class);

    private static <E extends Enum<E>> Map<E, LongAdder> adders(Class<E> type) {
        Map<E, LongAdder> adders = new EnumMap<>(type);
        for (E each : type.getEnumConstants()) {
            adders.put(each, new LongAdder());
        }
        return adders;
    }

    private static long sum(LongAdder adder) {
        return adder.sum();
    }

    void begin() {
        begun.increment();
    }

    void sent(long messageBytes, int commitCount) {
        messages.increment();
        bytes.add(messageBytes);
        commits.add(commitCount);
    }

    void outOfCredit() {
        creditStalls.increment();
    }

    void outOfRoom() {
        roomStalls.increment();
    }

    void readFromDisk() {
        diskReads.increment();
    }

    void end(End how) {
        ends.getOrDefault(how, begun).increment();
    }

    void probeEnded(ProbeEnd how) {
        probes.getOrDefault(how, begun).increment();
    }

    /** Feeds that began. */
    public long begun() {
        return begun.sum();
    }

    public long messages() {
        return messages.sum();
    }

    public long bytes() {
        return bytes.sum();
    }

    /** Commits and parts of commits, once for each subscriber. */
    public long commits() {
        return commits.sum();
    }

    /** How often a subscriber had given no credit for what there was to send. */
    public long creditStalls() {
        return creditStalls.sum();
    }

    /** How often the way to a subscriber was full. */
    public long roomStalls() {
        return roomStalls.sum();
    }

    /** Reads from disk for subscribers that are behind. */
    public long diskReads() {
        return diskReads.sum();
    }

    public long ended(End how) {
        LongAdder adder = ends.get(how);
        return adder == null ? 0 : sum(adder);
    }

    public long probes(ProbeEnd how) {
        LongAdder adder = probes.get(how);
        return adder == null ? 0 : sum(adder);
    }
}
