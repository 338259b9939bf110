// SPDX-License-Identifier: Apache-2.0
package io.tidemark.node.write;

import io.tidemark.proto.v1.CommitRequest;
import io.tidemark.proto.v1.DeleteRangeMutation;
import io.tidemark.proto.v1.Mutation;
import io.tidemark.proto.v1.StoreSettings;
import io.tidemark.store.RowName;
import io.tidemark.store.StoredRow;
import io.tidemark.store.state.Store;
import io.tidemark.store.state.StoreView;
import io.tidemark.store.transition.RowSize;
import io.tidemark.store.validate.NameRules;

/** Tells how much a commit may write. */
final class Weights {

    /** A commit that patches more rows than this is taken to write as much as a commit may: they are not looked up. */
    private static final int LOOKUPS_MAX = 16;

    /** A number as text, and what a row has beside its value; what the command itself says comes on top. */
    private static final int INCREMENT_BYTES = 512;

    private static final long TOMBSTONE_BYTES_MAX =
            RowSize.OVERHEAD_BYTES + NameRules.TABLE_LENGTH_MAX + NameRules.KEY_BYTES_MAX;

    private Weights() {}

    /**
     * Of a normalised commit.
     *
     * @param commandBytes the size of its command
     * @param mark the path's {@link WritePath#settledBytes}, taken before this call
     */
    static Weight of(CommitRequest commit, int commandBytes, Store store, long mark) {
        StoreSettings settings = store.settings();
        long max = commandBytes + settings.getMaxCommitBytes();
        long written = commandBytes;
        int patched = 0;
        for (Mutation mutation : commit.getMutationsList()) {
            switch (mutation.getChangeCase()) {
                case PATCH -> patched++;
                case INCREMENT -> written += INCREMENT_BYTES;
                case DELETE_RANGE -> written += rows(mutation.getDeleteRange(), settings) * TOMBSTONE_BYTES_MAX;
                default -> {
                    // What it writes, it brings along.
                }
            }
        }
        if (patched > LOOKUPS_MAX) {
            return new Weight(max, 0, 0, mark, max);
        }
        long patchedBytes = patched == 0 ? 0 : patchedBytes(commit, store);
        return new Weight(written, patched, patchedBytes, mark, max);
    }

    private static long rows(DeleteRangeMutation range, StoreSettings settings) {
        return range.hasLimit() ? Math.min(range.getLimit(), settings.getMaxCommitRows()) : settings.getMaxCommitRows();
    }

    private static long patchedBytes(CommitRequest commit, Store store) {
        long bytes = 0;
        try (StoreView view = store.view()) {
            for (Mutation mutation : commit.getMutationsList()) {
                if (mutation.hasPatch()) {
                    StoredRow row = view.get(
                            new RowName(mutation.getTable(), mutation.getPatch().getKey()));
                    bytes += row == null ? 0 : row.value().size();
                }
            }
        }
        return bytes;
    }
}
