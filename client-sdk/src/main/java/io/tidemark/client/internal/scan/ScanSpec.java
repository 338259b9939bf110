// SPDX-License-Identifier: Apache-2.0
package io.tidemark.client.internal.scan;

import io.tidemark.proto.v1.Order;
import io.tidemark.proto.v1.RowView;
import io.tidemark.proto.v1.ScanRequest;
import io.tidemark.proto.v1.StreamScanRequest;
import io.tidemark.proto.v1.ValueForm;
import org.jspecify.annotations.Nullable;

/**
 * Which rows, and in which order.
 *
 * @param start the first key; null: from the beginning
 * @param end the first key beyond; null: to the end
 * @param prefix of all keys, and then neither of the others; null: none
 * @param limit how many rows at most in all; null: all
 * @param values whether rows come with their values
 */
public record ScanSpec(
        String table,
        @Nullable String start,
        @Nullable String end,
        @Nullable String prefix,
        boolean descending,
        @Nullable Long limit,
        boolean values) {

    /** All rows of a table. */
    public static ScanSpec all(String table) {
        return new ScanSpec(table, null, null, null, false, null, true);
    }

    public ScanSpec ofPrefix(String all) {
        return new ScanSpec(table, null, null, all, descending, limit, values);
    }

    public ScanSpec ofRange(@Nullable String first, @Nullable String beyond) {
        return new ScanSpec(table, first, beyond, null, descending, limit, values);
    }

    public ScanSpec inOrder(boolean lastFirst) {
        return new ScanSpec(table, start, end, prefix, lastFirst, limit, values);
    }

    public ScanSpec limitedTo(long rows) {
        return new ScanSpec(table, start, end, prefix, descending, rows, values);
    }

    public ScanSpec withValues(boolean wanted) {
        return new ScanSpec(table, start, end, prefix, descending, limit, wanted);
    }

    /** Asks for a page. */
    public ScanRequest.Builder page() {
        ScanRequest.Builder request =
                ScanRequest.newBuilder().setTable(table).setOrder(order()).setRowView(view());
        if (start != null) {
            request.setStart(start);
        }
        if (end != null) {
            request.setEnd(end);
        }
        if (prefix != null) {
            request.setPrefix(prefix);
        }
        return request.setValueForm(ValueForm.VALUE_FORM_BYTES);
    }

    /** Asks for a stream. */
    StreamScanRequest.Builder stream() {
        StreamScanRequest.Builder request =
                StreamScanRequest.newBuilder().setTable(table).setOrder(order()).setRowView(view());
        if (start != null) {
            request.setStart(start);
        }
        if (end != null) {
            request.setEnd(end);
        }
        if (prefix != null) {
            request.setPrefix(prefix);
        }
        if (limit != null) {
            request.setLimit(limit);
        }
        return request.setValueForm(ValueForm.VALUE_FORM_BYTES);
    }

    private Order order() {
        return descending ? Order.ORDER_DESCENDING : Order.ORDER_ASCENDING;
    }

    private RowView view() {
        return values ? RowView.ROW_VIEW_FULL : RowView.ROW_VIEW_METADATA;
    }
}
