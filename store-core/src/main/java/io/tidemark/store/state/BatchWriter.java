// SPDX-License-Identifier: Apache-2.0
package io.tidemark.store.state;

import io.tidemark.store.LogTime;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What all writers of one batch share: the commits written so far and the rows as they are with them. */
abstract class BatchWriter {

    private final Batch batch;
    private final CommitWriter commits;
    private final List<CommitWriter.Written> written = new ArrayList<>();

    BatchWriter(StoredState state, Progress before) {
        this.batch = new Batch(before.sequence());
        this.commits = new CommitWriter(batch, state::row);
    }

    final Batch batch() {
        return batch;
    }

    final CommitWriter commits() {
        return commits;
    }

    final List<CommitWriter.Written> written() {
        return written;
    }

    final @Nullable LogTime firstExpiry() {
        return commits.firstExpiry();
    }
}
