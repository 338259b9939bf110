// SPDX-License-Identifier: Apache-2.0
package io.tidemark.server.watch;

import java.util.concurrent.atomic.LongAdder;

/** How many watches there were, and what they were sent. Thread-safe. */
public final class WatchCounts {

    private final LongAdder opened = new LongAdder();
    private final LongAdder cutOff = new LongAdder();
    private final LongAdder refused = new LongAdder();
    private final LongAdder left = new LongAdder();
    private final LongAdder messages = new LongAdder();
    private final LongAdder events = new LongAdder();

    void open() {
        opened.increment();
    }

    /** Its caller took nothing for too long. */
    void cutOffSlow() {
        cutOff.increment();
    }

    /** The server could not go on with it. */
    void refuse() {
        refused.increment();
    }

    /** Its caller wanted no more. */
    void leave() {
        left.increment();
    }

    void sent(int eventCount) {
        messages.increment();
        events.add(eventCount);
    }

    /** All that ever began. */
    public long opened() {
        return opened.sum();
    }

    /** Those whose caller was too slow. */
    public long cutOff() {
        return cutOff.sum();
    }

    /** Those that the server ended for another reason. */
    public long refused() {
        return refused.sum();
    }

    /** Those that their caller ended. */
    public long left() {
        return left.sum();
    }

    /** Messages sent, signs of life included. */
    public long messages() {
        return messages.sum();
    }

    /** Changes told. */
    public long events() {
        return events.sum();
    }
}
