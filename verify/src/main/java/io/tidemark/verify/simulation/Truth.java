// SPDX-License-Identifier: Apache-2.0
package io.tidemark.verify.simulation;

import io.tidemark.api.ProtoTimes;
import io.tidemark.proto.v1.GetResponse;
import io.tidemark.proto.v1.ReadOptions;
import io.tidemark.proto.v1.ResponseHeader;
import io.tidemark.proto.v1.Strength;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What was really committed and acknowledged, and when: what only somebody outside can know. Holds every answer against it.
 */
final class Truth {

    /** What a read asked for. */
    record Ask(Kind kind, @Nullable Duration maxStaleness, long minIndex) {

        static Ask of(ReadOptions options) {
            Duration bound = options.hasMaxStaleness() ? ProtoTimes.duration(options.getMaxStaleness()) : null;
            boolean isNewest = options.hasStrength() && options.getStrength() == Strength.STRENGTH_LINEARIZABLE;
            return new Ask(
                    isNewest ? Kind.LINEARIZABLE : bound == null ? Kind.SESSION : Kind.BOUNDED,
                    bound,
                    options.getMinIndex());
        }

        enum Kind {
            SESSION,
            BOUNDED,
            LINEARIZABLE
        }
    }

    private record Written(long index, String value) {}

    /** Counts of what was looked at. */
    static final class Counts {
        private long answers;
        private long bounds;
        private long unknown;
        private long linearizable;
        private long sessions;
        private double boundNanos;

        long answers() {
            return answers;
        }

        /** Answers that stated how stale they are. */
        long bounds() {
            return bounds;
        }

        /** Answers that said that they do not know. */
        long unknown() {
            return unknown;
        }

        long linearizable() {
            return linearizable;
        }

        long sessions() {
            return sessions;
        }

        double meanBoundMillis() {
            return bounds == 0 ? 0 : boundNanos / bounds / 1e6;
        }
    }

    private final World world;
    private final Map<String, List<Written>> rows = new HashMap<>();
    private final Map<Long, String> commits = new HashMap<>();
    private final Counts counts = new Counts();
    private long[] ackTimes = new long[1024];
    private long[] ackIndexes = new long[1024];
    private int acks;
    private long last;

    Truth(World world) {
        this.world = world;
    }

    Counts counts() {
        return counts;
    }

    /** The last commit that any node has applied. */
    long last() {
        return last;
    }

    /** A node has applied a commit. The first to do so says what it is. */
    void committed(String node, long index, String key, String value) {
        String commit = key + "=" + value;
        String known = commits.putIfAbsent(index, commit);
        if (known == null) {
            if (index <= last) {
                world.violation(
                        "node " + node + " applied " + commit + " at " + index + " (expected: above " + last + ")");
            }
            last = Math.max(last, index);
            rows.computeIfAbsent(key, any -> new ArrayList<>()).add(new Written(index, value));
        } else if (!known.equals(commit)) {
            world.violation("node " + node + " applied " + commit + " at " + index + " (expected: " + known + ")");
        }
    }

    /** A leader tells a client that its write is committed. */
    void acknowledged(long index) {
        long before = acks == 0 ? 0 : ackIndexes[acks - 1];
        if (index <= before) {
            return;
        }
        if (acks == ackTimes.length) {
            ackTimes = Arrays.copyOf(ackTimes, 2 * acks);
            ackIndexes = Arrays.copyOf(ackIndexes, 2 * acks);
        }
        ackTimes[acks] = world.nanos();
        ackIndexes[acks] = index;
        acks++;
    }

    /** The highest index that was acknowledged to anyone before a moment. */
    long acknowledgedBefore(long nanos) {
        int low = 0;
        int high = acks;
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (ackTimes[middle] < nanos) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low == 0 ? 0 : ackIndexes[low - 1];
    }

    private @Nullable String valueAt(String key, long index) {
        List<Written> versions = rows.getOrDefault(key, List.of());
        for (int i = versions.size() - 1; i >= 0; i--) {
            if (versions.get(i).index <= index) {
                return versions.get(i).value;
            }
        }
        return null;
    }

    /**
     * A server answers.
     *
     * @param arrived when the question had come to it
     */
    void answered(String server, String key, Ask ask, long arrived, GetResponse answer) {
        ResponseHeader header = answer.getHeader();
        long index = header.getReadIndex();
        counts.answers++;
        String value = answer.hasRow() ? answer.getRow().getValue().getBytes().toStringUtf8() : null;
        String expected = valueAt(key, index);
        if (!Objects.equals(value, expected)) {
            wrong(server, key, ask, header, "the row is " + value + " (expected: " + expected + ")");
        }
        if (index < ask.minIndex && !header.hasUnmet()) {
            wrong(server, key, ask, header, "the state is older than what the session has seen");
        }
        counts.sessions += ask.minIndex > 0 ? 1 : 0;
        if (ask.kind == Ask.Kind.LINEARIZABLE) {
            counts.linearizable++;
            long needed = acknowledgedBefore(arrived);
            if (!header.hasUnmet() && index < needed) {
                wrong(server, key, ask, header, "index " + needed + " was acknowledged before it was asked");
            }
        }
        stated(server, key, ask, header);
    }

    private void stated(String server, String key, Ask ask, ResponseHeader header) {
        Duration bound = ask.maxStaleness;
        if (!header.hasStaleness()) {
            counts.unknown++;
            if (bound != null && !header.hasUnmet()) {
                wrong(server, key, ask, header, "a bound was asked for, and none is stated");
            }
            return;
        }
        Duration staleness = ProtoTimes.duration(header.getStaleness());
        counts.bounds++;
        counts.boundNanos += staleness.toNanos();
        long needed = acknowledgedBefore(world.nanos() - staleness.toNanos());
        if (header.getReadIndex() < needed) {
            wrong(server, key, ask, header, "index " + needed + " was acknowledged earlier than the bound says");
        }
        // Between the decision and the answer no time passes here, but a microsecond is rounded up.
        if (bound != null && !header.hasUnmet() && !bound.isZero() && staleness.compareTo(bound.plusNanos(2_000)) > 0) {
            wrong(server, key, ask, header, "it is staler than was asked for");
        }
    }

    private void wrong(String server, String key, Ask ask, ResponseHeader header, String what) {
        world.violation("server " + server + ", row " + key + ", " + ask + ", answer at index " + header.getReadIndex()
                + " staleness "
                + (header.hasStaleness()
                        ? ProtoTimes.duration(header.getStaleness()).toNanos() / 1e6 + " ms"
                        : "unknown")
                + (header.hasUnmet() ? " (unmet)" : "") + ": " + what);
    }
}
