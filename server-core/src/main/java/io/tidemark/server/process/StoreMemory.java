// SPDX-License-Identifier: Apache-2.0
package io.tidemark.server.process;

import io.tidemark.server.config.Configuration;
import io.tidemark.server.config.Option;
import io.tidemark.server.config.ValueType;
import io.tidemark.store.state.StoreOptions;

/** How much of what was written last a server's store keeps in memory. */
public final class StoreMemory {

    public static final Option<Long> CHECKPOINT_BYTES = Option.withDefault(
            "checkpoint.bytes",
            ValueType.size(1 << 20, 256 << 20),
            "32MiB",
            "A checkpoint is made at the latest when this much has changed; while the disk is slow, up to three times as much is in"
                    + " memory.");
    public static final Option<Long> RECENT_BYTES = Option.withDefault(
            "feed.recent-bytes",
            ValueType.size(0, 1 << 30),
            "32MiB",
            "So much of the newest commits stays in memory for replicas and watchers that follow closely; others read the disk.");

    private StoreMemory() {}

    public static StoreOptions from(Configuration configuration) {
        return StoreOptions.of(configuration.get(CHECKPOINT_BYTES), configuration.get(RECENT_BYTES));
    }
}
