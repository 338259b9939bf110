// SPDX-License-Identifier: Apache-2.0
package io.tidemark.store;

import com.google.protobuf.ByteString;
import org.jspecify.annotations.Nullable;

/** What the store holds under a {@link RowName} at an index. {@code version} counts the changes of the row's present life. */
public record StoredRow(
        ByteString value,
        String contentType,
        long version,
        long createdIndex,
        long modifiedIndex,
        LogTime modifiedTime,
        @Nullable LogTime expireTime) {

    public StoredRow withoutValue() {
        return new StoredRow(
                ByteString.EMPTY, contentType, version, createdIndex, modifiedIndex, modifiedTime, expireTime);
    }
}
