// SPDX-License-Identifier: Apache-2.0
package io.tidemark.store.state;

/** An index lies ahead of what has been applied. */
public final class NotAppliedException extends RuntimeException {

    private final long index;
    private final long appliedIndex;

    NotAppliedException(long index, long appliedIndex) {
        super("index " + index + " is not applied yet; applied: " + appliedIndex);
        this.index = index;
        this.appliedIndex = appliedIndex;
    }

    public long index() {
        return index;
    }

    public long appliedIndex() {
        return appliedIndex;
    }
}
