// SPDX-License-Identifier: Apache-2.0
package io.tidemark.store.state;

import io.tidemark.store.RowName;
import io.tidemark.store.Shards;
import io.tidemark.store.StoredRow;
import io.tidemark.store.copy.CopiedRow;
import io.tidemark.store.copy.RowChunk;
import io.tidemark.store.format.Keys;
import io.tidemark.store.format.Spaces;
import io.tidemark.store.transition.CommitBytes;
import io.tidemark.store.transition.RowSize;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Writes the taking over and letting go of shards: rows change, but there is no commit. */
final class HoldingsWriter extends BatchWriter {

    private final StoredState state;
    private final Progress before;
    private final List<RowChange> changes = new ArrayList<>();
    private Holdings holdings;
    private @Nullable RowName dropPassed;

    HoldingsWriter(StoredState state, Progress before, Holdings holdings) {
        super(state, before);
        this.state = state;
        this.before = before;
        this.holdings = holdings;
        batch().beginCommit();
    }

    void startCopy(Shards shards, long index) {
        if (holdings.copy() != null) {
            throw new IllegalStateException(
                    "a copy of shards " + holdings.copy().shards() + " is under way (expected: one at a time)");
        }
        long lowest = Math.max(before.index(), holdings.copiedThrough());
        if (index < lowest) {
            throw new IllegalArgumentException("copy of index " + index + " (expected: at least " + lowest
                    + ", because what is here may be as new as that)");
        }
        shards.stream().forEach(shard -> batch().deleteLatest(Spaces.SHARDS, Keys.shard(shard)));
        batch().putLatest(Spaces.META, StoreFile.COPIED_THROUGH, Keys.number(index));
        holdings = holdings.without(shards);
        if (holdings.dropping().intersects(shards)) {
            dropping(holdings.dropping().minus(shards));
        }
        copy(new Holdings.Copy(shards, index, null, 0, 0));
    }

    void copyIn(RowChunk chunk) {
        Holdings.Copy copy = holdings.copy();
        if (copy == null) {
            throw new IllegalStateException("no copy is under way (expected: one that was started)");
        }
        List<CopiedRow> rows = chunk.decode();
        requireOf(copy, rows);
        try (ShardRows held = state.shardRows(copy.shards(), copy.passed(), chunk.through())) {
            changes.addAll(new CopyMerge(state, copy.index(), commits()).merge(rows, held));
        }
        if (chunk.through() == null) {
            endCopy(copy);
        } else {
            copy(new Holdings.Copy(
                    copy.shards(),
                    copy.index(),
                    chunk.through(),
                    copy.rows() + rows.size(),
                    copy.bytes() + chunk.rows().size()));
        }
    }

    private static void requireOf(Holdings.Copy copy, List<CopiedRow> rows) {
        RowName passed = copy.passed();
        for (CopiedRow row : rows) {
            if (!copy.shards().contains(row.shard()) || row.row().modifiedIndex() > copy.index()) {
                throw new IllegalArgumentException("row " + row.name() + " of shard " + row.shard() + " at index "
                        + row.row().modifiedIndex() + " (expected: of a copy of " + copy.shards() + " at index "
                        + copy.index() + ")");
            }
            if (passed != null && row.name().compareTo(passed) <= 0) {
                throw new IllegalArgumentException(
                        "row " + row.name() + " of a copy (expected: behind " + passed + ", which has been passed)");
            }
        }
    }

    private void endCopy(Holdings.Copy copy) {
        closeCopy(copy);
        long from = Math.max(copy.index(), before.index());
        copy.shards().stream()
                .forEach(shard -> batch().putLatest(Spaces.SHARDS, Keys.shard(shard), StoreFile.shardRecord(from)));
        holdings = holdings.with(copy.shards(), from);
    }

    /** Graves are of one copy: left behind, they would keep rows out of the next. */
    private void closeCopy(Holdings.Copy copy) {
        copy.shards().stream()
                .forEach(shard -> state.graves(shard).forEach(grave -> batch().deleteLatest(Spaces.GRAVES, grave)));
        batch().deleteLatest(Spaces.META, StoreFile.COPY);
        holdings = holdings.with((Holdings.Copy) null);
    }

    private void copy(Holdings.Copy copy) {
        batch().putLatest(Spaces.META, StoreFile.COPY, StoreFile.encode(copy));
        holdings = holdings.with(copy);
    }

    void drop(Shards shards) {
        shards.stream().forEach(shard -> batch().deleteLatest(Spaces.SHARDS, Keys.shard(shard)));
        holdings = holdings.without(shards);
        Holdings.Copy copy = holdings.copy();
        if (copy != null && copy.shards().intersects(shards)) {
            abandonCopy(copy);
        }
        dropping(holdings.dropping().plus(shards));
    }

    /** A copy is of one set of shards: what is left of it is copied anew, and what has come is replaced then. */
    private void abandonCopy(Holdings.Copy copy) {
        closeCopy(copy);
        dropping(holdings.dropping().plus(copy.shards()));
    }

    private void dropping(Shards shards) {
        if (shards.isEmpty()) {
            batch().deleteLatest(Spaces.META, StoreFile.DROPPING);
        } else {
            batch().putLatest(Spaces.META, StoreFile.DROPPING, shards.toProto().toByteArray());
        }
        holdings = holdings.withDropping(shards);
    }

    void dropRows(@Nullable RowName passed, int rowsMax) {
        try (ShardRows rows = state.shardRows(Shards.all(state.settings().getShardCount()), passed, null)) {
            RowName last = passed;
            CopiedRow row = rows.next();
            for (int read = 0; row != null && read < rowsMax; read++) {
                if (holdings.dropping().contains(row.shard())) {
                    changes.add(commits().change(row.name(), row.shard(), null));
                }
                last = row.name();
                row = rows.next();
            }
            if (row != null) {
                dropPassed = last;
                return;
            }
        }
        dropping(Shards.NONE);
    }

    /** The last row that was passed; null: there is none behind it. */
    @Nullable RowName dropPassed() {
        return dropPassed;
    }

    List<RowChange> changes() {
        return changes;
    }

    Holdings holdings() {
        return holdings;
    }

    Progress finish() {
        long liveRows = 0;
        long liveBytes = 0;
        for (RowChange change : changes) {
            liveRows += (change.after() == null ? 0 : 1) - (change.before() == null ? 0 : 1);
            liveBytes += size(change.name(), change.after()) - size(change.name(), change.before());
        }
        return before.atSequence(batch().sequence())
                .withCounters(before.counters().plus(new CommitBytes(liveRows, liveBytes, 0)));
    }

    private static long size(RowName name, @Nullable StoredRow row) {
        return row == null ? 0 : RowSize.of(name, row);
    }
}
