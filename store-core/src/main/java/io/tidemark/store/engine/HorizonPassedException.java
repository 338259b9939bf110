// SPDX-License-Identifier: Apache-2.0
package io.tidemark.store.engine;

/** The index asked for is no longer readable. Decided by the horizon alone, never by what was already dropped. */
public final class HorizonPassedException extends EngineException {
    private final long horizon;

    HorizonPassedException(long index, long horizon) {
        super("index: " + index + " (expected: >= horizon " + horizon + ")", null);
        this.horizon = horizon;
    }

    public long horizon() {
        return horizon;
    }
}
