// SPDX-License-Identifier: Apache-2.0
package io.tidemark.server.read;

import static java.util.Objects.requireNonNull;

import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;

/** How many reads were let in, and how. Thread-safe. */
public final class ReadCounts {

    /** What a read asked for. */
    public enum Ask {
        EVENTUAL,
        MIN_INDEX,
        BOUNDED,
        LINEARIZABLE,
        AS_OF;

        static Ask of(ReadAsk ask) {
            if (ask.base() instanceof ReadAsk.Linearizable) {
                return LINEARIZABLE;
            }
            if (ask.base() instanceof ReadAsk.Recent recent) {
                if (recent.maxStaleness() != null) {
                    return BOUNDED;
                }
                return ask.floor() > 0 ? MIN_INDEX : EVENTUAL;
            }
            return AS_OF;
        }
    }

    /** What came of it. */
    public enum End {
        /** What it asked held already. */
        AT_ONCE,
        WAITED,
        /** It was let in without what it asked for, as it wished. */
        UNMET,
        FAILED,
        /** Its caller did not wait for it. */
        ABANDONED
    }

    private final Map<Ask, Map<End, LongAdder>> ended = new EnumMap<>(Ask.class);
    private final LongAdder waiting = new LongAdder();

    public ReadCounts() {
        for (Ask ask : Ask.values()) {
            Map<End, LongAdder> ofAsk = new EnumMap<>(End.class);
            for (End end : End.values()) {
                ofAsk.put(end, new LongAdder());
            }
            ended.put(ask, ofAsk);
        }
    }

    void ended(ReadAsk ask, End end) {
        adder(Ask.of(ask), end).increment();
    }

    void waits() {
        waiting.increment();
    }

    void waitsNoMore() {
        waiting.decrement();
    }

    /** How many there have been. */
    public long ended(Ask ask, End end) {
        return adder(ask, end).sum();
    }

    private LongAdder adder(Ask ask, End end) {
        return requireNonNull(requireNonNull(ended.get(ask)).get(end));
    }

    /** How many wait now for what they ask. */
    public long waiting() {
        return waiting.sum();
    }
}
