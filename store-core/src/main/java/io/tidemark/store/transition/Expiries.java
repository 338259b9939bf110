// SPDX-License-Identifier: Apache-2.0
package io.tidemark.store.transition;

import io.tidemark.proto.v1.Expiry;
import io.tidemark.proto.v1.Table;
import io.tidemark.store.LogTime;
import io.tidemark.store.StoredRow;
import org.jspecify.annotations.Nullable;

/** When a row that is written now expires. Null: never. */
final class Expiries {

    private Expiries() {}

    /** As the write says. */
    static @Nullable LogTime of(Expiry expiry, LogTime now) {
        return switch (expiry.getWhenCase()) {
            case TTL -> now.plus(expiry.getTtl());
            case EXPIRE_TIME -> LogTime.of(expiry.getExpireTime());
            case NEVER, WHEN_NOT_SET -> null;
        };
    }

    /** As the table says. */
    static @Nullable LogTime ofTable(Table table, LogTime now) {
        return table.getSettings().hasDefaultTtl()
                ? now.plus(table.getSettings().getDefaultTtl())
                : null;
    }

    /** As it was; a row that is new now takes the table's. */
    static @Nullable LogTime kept(@Nullable StoredRow row, Table table, LogTime now) {
        return row == null ? ofTable(table, now) : row.expireTime();
    }
}
