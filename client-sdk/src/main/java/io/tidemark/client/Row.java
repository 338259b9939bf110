// SPDX-License-Identifier: Apache-2.0
package io.tidemark.client;

import java.io.Serializable;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A row as it was at an index.
 *
 * @param table the table that it stands in
 * @param key its key there
 * @param value null where only the rest was asked for, or could be given
 * @param contentType the media type that its value was written with
 * @param version 1 when the row was created, one more with each change; a row created anew after a delete counts from 1 again
 * @param createdIndex the index of the commit that created it, in its present life
 * @param modifiedIndex the index of the commit that changed it last: what to compare in a compare-and-set
 * @param modifiedTime the log time of that commit
 * @param expireTime when it is due to expire, in log time; null: never
 * @param historyId the history that its indexes belong to; null: not known
 */
public record Row<V>(
        String table,
        String key,
        @Nullable V value,
        String contentType,
        long version,
        long createdIndex,
        long modifiedIndex,
        Instant modifiedTime,
        @Nullable Instant expireTime,
        @Nullable String historyId)
        implements Serializable {

    /** A row of which it is not known which history its indexes belong to. */
    public Row(
            String table,
            String key,
            @Nullable V value,
            String contentType,
            long version,
            long createdIndex,
            long modifiedIndex,
            Instant modifiedTime,
            @Nullable Instant expireTime) {
        this(table, key, value, contentType, version, createdIndex, modifiedIndex, modifiedTime, expireTime, null);
    }

    /** The value, if it was asked for and is here. */
    public Optional<V> optionalValue() {
        return Optional.ofNullable(value);
    }
}
