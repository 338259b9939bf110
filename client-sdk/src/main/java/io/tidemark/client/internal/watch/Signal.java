// SPDX-License-Identifier: Apache-2.0
package io.tidemark.client.internal.watch;

import com.google.protobuf.Timestamp;
import io.tidemark.client.WatchEvent;
import io.tidemark.proto.v1.Row;
import java.util.List;

/** What waits for the listener, as it came: values are decoded by whoever takes it. */
public sealed interface Signal {

    /** A whole commit. */
    record Told(long index, String historyId, Timestamp time, List<io.tidemark.proto.v1.WatchEvent> changes)
            implements Signal {}

    /** Rows of a snapshot, as in {@link WatchEvent.Snapshot}. */
    record SnapshotRows(long index, String historyId, List<Row> rows, boolean first, boolean last) implements Signal {}

    /** Anything that holds no values. */
    record Notice(WatchEvent<?> event) implements Signal {

        /** What it counts for in a buffer. */
        static final long BYTES = 128;

        boolean isProgress() {
            return event instanceof WatchEvent.Progress;
        }
    }
}
