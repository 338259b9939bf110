// SPDX-License-Identifier: Apache-2.0
package io.tidemark.store.state;

import io.tidemark.store.RowName;
import io.tidemark.store.copy.CopiedRow;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Takes a chunk of a copy over. The copy replaces: up to its index the receiver has afterwards what the copy has, and nothing
 * else. What the feed has brought since stays: a row that it wrote later, and the absence of one that it deleted later, of
 * which a grave tells.
 */
final class CopyMerge {

    private final StoredState state;
    private final long copyIndex;
    private final CommitWriter writer;
    private final List<RowChange> changes = new ArrayList<>();
    private int taken;

    CopyMerge(StoredState state, long copyIndex, CommitWriter writer) {
        this.state = state;
        this.copyIndex = copyIndex;
        this.writer = writer;
    }

    /**
     * As far as the receiver's rows may be passed.
     *
     * @param held the receiver's rows in the reach of the chunk
     */
    List<RowChange> merge(List<CopiedRow> copied, ShardRows held) {
        CopiedRow mine = held.next();
        for (CopiedRow theirs : copied) {
            while (mine != null && mine.name().compareTo(theirs.name()) < 0) {
                remove(mine);
                mine = held.next();
            }
            if (mine == null && isBeyond(theirs.name(), held)) {
                return changes;
            }
            taken++;
            if (mine != null && mine.name().equals(theirs.name())) {
                replace(mine, theirs);
                mine = held.next();
            } else if (!state.isGrave(theirs.name())) {
                change(theirs.name(), theirs.shard(), theirs);
            }
        }
        while (mine != null) {
            remove(mine);
            mine = held.next();
        }
        return changes;
    }

    private static boolean isBeyond(RowName name, ShardRows held) {
        RowName passed = held.passed();
        return !held.isAtEnd() && (passed == null || name.compareTo(passed) > 0);
    }

    /** How many rows of the copy were passed. */
    int taken() {
        return taken;
    }

    private void remove(CopiedRow mine) {
        if (mine.row().modifiedIndex() <= copyIndex) {
            change(mine.name(), mine.shard(), null);
        }
    }

    private void replace(CopiedRow mine, CopiedRow theirs) {
        if (mine.row().modifiedIndex() <= copyIndex && !mine.row().equals(theirs.row())) {
            change(theirs.name(), theirs.shard(), theirs);
        }
    }

    private void change(RowName name, int shard, @Nullable CopiedRow after) {
        changes.add(writer.change(name, shard, after == null ? null : after.row()));
    }
}
