// SPDX-License-Identifier: Apache-2.0
package io.tidemark.store.transition;

import io.tidemark.store.LogTime;
import java.util.List;

/** One atomic change of the store: its index, its log time, and its effects in the order of their positions. */
public record Commit(
        long index, LogTime logTime, List<RowEffect> rowEffects, List<SystemChange> systemChanges, CommitBytes bytes) {

    public Commit {
        rowEffects = List.copyOf(rowEffects);
        systemChanges = List.copyOf(systemChanges);
    }
}
