// SPDX-License-Identifier: Apache-2.0
package io.tidemark.server.service;

import io.tidemark.proto.v1.Row;
import io.tidemark.store.NamedRow;
import io.tidemark.store.state.RowScan;
import io.tidemark.store.state.StoreView;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** The rows of a scan, in portions. For one thread at a time. Keeps files until it is closed. */
final class PlannedRows implements AutoCloseable {

    /** The tag and length of a row in its answer. */
    private static final int FRAME_BYTES = 6;

    private final ScanPlan plan;
    private final RowScan scan;
    private @Nullable NamedRow next;

    /** @param last key that was read before; empty: none */
    PlannedRows(StoreView view, ScanPlan plan, String last) {
        this.plan = plan;
        this.scan = view.scan(plan.request(last));
        try {
            this.next = scan.next();
        } catch (Throwable e) {
            scan.close();
            throw e;
        }
    }

    boolean isExhausted() {
        return next == null;
    }

    /** The next rows, within both bounds, but one at least if there is one; none more once nobody waits for them. */
    List<Row> take(long rowsMax, long bytesMax, BooleanSupplier abandoned) {
        List<Row> rows = new ArrayList<>();
        long bytes = 0;
        for (NamedRow row = next; row != null && rows.size() < rowsMax && !abandoned.getAsBoolean(); row = next) {
            Row answer = RowForms.row(row.name(), row.row(), plan.form(), plan.view());
            bytes += answer.getSerializedSize() + FRAME_BYTES;
            if (bytes > bytesMax && !rows.isEmpty()) {
                break;
            }
            rows.add(answer);
            next = scan.next();
        }
        return rows;
    }

    @Override
    public void close() {
        scan.close();
    }
}
