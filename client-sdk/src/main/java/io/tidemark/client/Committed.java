// SPDX-License-Identifier: Apache-2.0
package io.tidemark.client;

import io.tidemark.client.internal.wire.Values;
import io.tidemark.proto.v1.CommitRequest;
import io.tidemark.proto.v1.CommitResponse;
import io.tidemark.proto.v1.RangeRemainder;
import java.util.Optional;

/** What a transaction did, at {@link #index()}. */
public final class Committed implements CommitResult {

    private final CommitRequest request;
    private final CommitResponse response;
    private final Header header;

    Committed(CommitRequest request, CommitResponse response, Header header) {
        this.request = request;
        this.response = response;
        this.header = header;
    }

    /**
     * A row as the transaction left it, with its value if that was put, patched or added to. Empty: the transaction did not change it, or
     * deleted it or from a range around it; or {@link #replayed()} by an answer without rows.
     */
    public <V> Optional<Row<V>> row(Table<V> table, String key) {
        for (int i = response.getResultsCount() - 1; i >= 0; i--) {
            if (Mutations.concerns(request.getMutations(i), table.name(), key)) {
                return response.getResults(i).hasRow()
                        ? Optional.of(Values.row(table.codec(), withValue(i), header.historyId()))
                        : Optional.empty();
            }
        }
        return Optional.empty();
    }

    /** How many rows it deleted. */
    public long deletedRows() {
        return response.getResultsList().stream()
                .mapToLong(result -> result.getDeletedRows())
                .sum();
    }

    /**
     * Whether a range that it deleted from has rows left, so that another commit is needed; also where a {@link #replayed()} answer does
     * not tell.
     */
    public boolean more() {
        for (int i = 0; i < request.getMutationsCount(); i++) {
            boolean emptied = i < response.getResultsCount()
                    && response.getResults(i).getRemainder() == RangeRemainder.RANGE_REMAINDER_EMPTY;
            if (request.getMutations(i).hasDeleteRange() && !emptied) {
                return true;
            }
        }
        return false;
    }

    @Override
    public boolean replayed() {
        return response.getReplayed();
    }

    @Override
    public Committed orThrow() {
        return this;
    }

    @Override
    public Header header() {
        return header;
    }

    /** What was put is known without the answer. */
    private io.tidemark.proto.v1.Row withValue(int mutation) {
        io.tidemark.proto.v1.Row row = response.getResults(mutation).getRow();
        return request.getMutations(mutation).hasPut()
                ? row.toBuilder()
                        .setValue(request.getMutations(mutation).getPut().getValue())
                        .setValueOmitted(false)
                        .build()
                : row;
    }

    @Override
    public String toString() {
        return "Committed[at " + index() + "]";
    }
}
