// SPDX-License-Identifier: Apache-2.0
package io.tidemark.server.service;

import io.tidemark.api.XxHash64;
import io.tidemark.proto.v1.KeyRange;
import io.tidemark.proto.v1.Order;
import io.tidemark.proto.v1.RowView;
import io.tidemark.proto.v1.ScanRequest;
import io.tidemark.proto.v1.StreamScanRequest;
import io.tidemark.proto.v1.ValueForm;
import io.tidemark.store.KeySpan;
import io.tidemark.store.RowName;
import io.tidemark.store.engine.Direction;
import io.tidemark.store.state.RowScan;
import io.tidemark.store.validate.NameRules;
import java.nio.charset.StandardCharsets;

/**
 * What a scan reads and how its rows are given.
 *
 * @param fingerprint of all that must stay the same from page to page
 */
record ScanPlan(KeySpan span, Direction direction, RowView view, ValueForm form, long fingerprint) {

    /** @throws io.tidemark.store.RefusedException if the request is wrong */
    static ScanPlan of(ScanRequest request) {
        KeyRange.Builder range = KeyRange.newBuilder();
        if (request.hasStart()) {
            range.setStart(request.getStart());
        }
        if (request.hasEnd()) {
            range.setEnd(request.getEnd());
        }
        if (request.hasPrefix()) {
            range.setPrefix(request.getPrefix());
        }
        new RequestRules()
                .check(() -> NameRules.requireTable("table", request.getTable()))
                .check(() -> NameRules.requireRange("", range.build()))
                .check(request.getPageSize() >= 0, "page_size", "expected: zero or more")
                .throwIfAny();
        return of(
                request.getTable(),
                range.build(),
                request.getOrder(),
                request.getRowView(),
                request.getValueForm(),
                "");
    }

    /** @throws io.tidemark.store.RefusedException if the request is wrong */
    static ScanPlan of(StreamScanRequest request) {
        KeyRange.Builder range = KeyRange.newBuilder();
        if (request.hasStart()) {
            range.setStart(request.getStart());
        }
        if (request.hasEnd()) {
            range.setEnd(request.getEnd());
        }
        if (request.hasPrefix()) {
            range.setPrefix(request.getPrefix());
        }
        new RequestRules()
                .check(() -> NameRules.requireTable("table", request.getTable()))
                .check(() -> NameRules.requireRange("", range.build()))
                .check(request.getLimit() >= 0, "limit", "expected: zero or more")
                .throwIfAny();
        String more = request.getValueFormValue() + (request.hasLimit() ? " " + request.getLimit() : "");
        return of(
                request.getTable(),
                range.build(),
                request.getOrder(),
                request.getRowView(),
                request.getValueForm(),
                more);
    }

    private static ScanPlan of(
            String table, KeyRange range, Order order, RowView view, ValueForm form, String moreThatStays) {
        Direction direction = order == Order.ORDER_DESCENDING ? Direction.DESCENDING : Direction.ASCENDING;
        boolean metadata = view == RowView.ROW_VIEW_METADATA;
        KeySpan span = KeySpan.of(table, range);
        StringBuilder stays = new StringBuilder();
        stays.append(table).append('\n').append(direction).append(metadata).append('\n');
        stays.append(span.start().length()).append('\n').append(span.start()).append('\n');
        // No key has the length that says that there is no end.
        String end = span.end();
        stays.append(end == null ? -1 : end.length()).append('\n').append(end).append('\n');
        stays.append(moreThatStays);
        byte[] bytes = stays.toString().getBytes(StandardCharsets.UTF_8);
        return new ScanPlan(span, direction, view, form, XxHash64.hash(bytes, 0, bytes.length, 0));
    }

    /** @param last key that was read before; empty: none */
    RowScan.Request request(String last) {
        return new RowScan.Request(
                span,
                direction,
                last.isEmpty() ? null : new RowName(span.table(), last),
                null,
                view == RowView.ROW_VIEW_METADATA);
    }
}
