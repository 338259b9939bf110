// SPDX-License-Identifier: Apache-2.0
package io.tidemark.store.engine;

import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The merge rule: of ascending rows, those that a reader at or above the horizon can tell apart.
 *
 * <p>A {@link Retention#LOG} row survives above the horizon. Of a versioned key every row above the horizon survives and
 * the newest at or below it, unless that is a tombstone and nothing older of the key lies in deeper levels. Of a {@link
 * Retention#LATEST} key, the newest under the same exception.
 */
final class RetainedCursor implements RowCursor {
    private final RowCursor rows;
    private final EngineOptions options;
    private final long horizon;
    private final Predicate<byte[]> nothingOlderBelow;
    private @Nullable StoredRow covering;

    RetainedCursor(RowCursor rows, EngineOptions options, long horizon, Predicate<byte[]> nothingOlderBelow) {
        this.rows = rows;
        this.options = options;
        this.horizon = horizon;
        this.nothingOlderBelow = nothingOlderBelow;
    }

    @Override
    public @Nullable StoredRow next() {
        for (StoredRow row = rows.next(); row != null; row = rows.next()) {
            if (isKept(row)) {
                return row;
            }
        }
        return null;
    }

    private boolean isKept(StoredRow row) {
        return switch (options.retention(Encoding.space(row.key()))) {
            case VERSIONED -> row.index() > horizon || isNewest(row);
            case LOG -> row.index() > horizon;
            case LATEST -> isNewest(row);
        };
    }

    /** Of those of its key that have not been kept for being above the horizon. */
    private boolean isNewest(StoredRow row) {
        if (covering != null && covering.sameKey(row)) {
            return false;
        }
        covering = row;
        return !(row.tombstone() && nothingOlderBelow.test(row.key()));
    }
}
