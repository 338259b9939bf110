// SPDX-License-Identifier: Apache-2.0
package io.tidemark.store.state;

/** The state as of an index is no longer kept. */
public final class BelowHorizonException extends RuntimeException {

    private final long index;
    private final long horizon;

    BelowHorizonException(long index, long horizon) {
        super("index " + index + " is below the horizon, " + horizon);
        this.index = index;
        this.horizon = horizon;
    }

    public long index() {
        return index;
    }

    /** The oldest index that can still be read. */
    public long horizon() {
        return horizon;
    }
}
