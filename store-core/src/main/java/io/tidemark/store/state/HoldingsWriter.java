// SPDX-License-Identifier: Apache-2.0
package io.tidemark.store.state;

import static java.util.Objects.requireNonNull;

import io.tidemark.api.ShardHash;
import io.tidemark.store.RowName;
import io.tidemark.store.Shards;
import io.tidemark.store.copy.CopiedRow;
import io.tidemark.store.copy.DamagedCopyException;
import io.tidemark.store.copy.DifferentCopyException;
import io.tidemark.store.copy.RowChunk;
import io.tidemark.store.digest.Digest;
import io.tidemark.store.digest.RowHasher;
import io.tidemark.store.format.Keys;
import io.tidemark.store.format.Spaces;
import io.tidemark.store.transition.CommitBytes;
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
    private Shards emptied = Shards.NONE;
    private boolean done;

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
        long lowest = holdings.lowestCopyIndex(before.index());
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
        copy(new Holdings.Copy(shards, index, null, Digest.EMPTY, 0));
    }

    /**
     * Takes the next part of a chunk over.
     *
     * @param rowsMax how many of the receiver's rows to pass, and of its graves
     */
    void copyIn(RowChunk chunk, int rowsMax) {
        Holdings.Copy copy = copyUnderWay();
        RowName passed = copy.passed();
        requireNext(chunk, passed);
        List<CopiedRow> rows = chunk.decode();
        requireOf(copy, rows);
        List<RowName> graves = state.graves(passed, chunk.through(), rowsMax);
        RowName reach = graves.size() < rowsMax ? chunk.through() : graves.get(rowsMax - 1);
        List<CopiedRow> rest = rows.stream()
                .filter(row -> (passed == null || row.name().compareTo(passed) > 0)
                        && row.name().compareTo(reach) <= 0)
                .toList();
        CopyMerge merge = new CopyMerge(state, copy.index(), commits());
        RowName now;
        try (ShardRows held = state.shardRows(copy.shards(), passed, reach)) {
            held.allow(rowsMax);
            changes.addAll(merge.merge(rest, held));
            now = held.isAtEnd() ? reach : requireNonNull(held.passed(), "passed");
        }
        done = now.equals(chunk.through());
        forgetGraves(graves, now);
        copy(new Holdings.Copy(
                copy.shards(),
                copy.index(),
                now,
                copy.taken().plus(digestOf(rest.subList(0, merge.taken()))),
                copy.bytes() + (done ? chunk.rows().size() : 0)));
    }

    /** What the copy has passed it cannot bring back. To forget all of them at its end might take long. */
    private void forgetGraves(List<RowName> graves, RowName passed) {
        graves.stream()
                .filter(grave -> grave.compareTo(passed) <= 0)
                .forEach(grave -> batch().deleteLatest(Spaces.GRAVES, Keys.of(grave)));
    }

    private static Digest digestOf(List<CopiedRow> rows) {
        RowHasher hasher = new RowHasher();
        Digest sum = Digest.EMPTY;
        for (CopiedRow row : rows) {
            sum = sum.plus(hasher.hash(row.name(), row.row()));
        }
        return sum;
    }

    private Holdings.Copy copyUnderWay() {
        Holdings.Copy copy = holdings.copy();
        if (copy == null) {
            throw new IllegalStateException("no copy is under way (expected: one that was started)");
        }
        return copy;
    }

    /**
     * What lies between two chunks would be taken for rows that the copy lacks, and be removed here. A chunk of which a part has
     * been taken over begins before what has been passed, also when it is sent again after a restart.
     */
    private static void requireNext(RowChunk chunk, @Nullable RowName passed) {
        RowName after = chunk.after();
        if (after != null && (passed == null || after.compareTo(passed) > 0)) {
            throw new DamagedCopyException("a chunk from behind " + after + " (expected: from no further than " + passed
                    + ", as far as the copy has come)");
        }
        if (passed != null && chunk.through().compareTo(passed) <= 0) {
            throw new DamagedCopyException("a chunk through " + chunk.through() + " (expected: beyond " + passed
                    + ", as far as the copy has come)");
        }
    }

    private void requireOf(Holdings.Copy copy, List<CopiedRow> rows) {
        for (CopiedRow row : rows) {
            if (!copy.shards().contains(row.shard()) || row.row().modifiedIndex() > copy.index()) {
                throw new DamagedCopyException("row " + row.name() + " of shard " + row.shard() + " at index "
                        + row.row().modifiedIndex() + " (expected: of a copy of " + copy.shards() + " at index "
                        + copy.index() + ")");
            }
            int shard = ShardHash.shardOf(
                    row.name().table(), row.name().key(), settings().getShardCount());
            if (row.shard() != shard) {
                throw new DamagedCopyException(
                        "row " + row.name() + " of a copy says shard " + row.shard() + " (expected: " + shard + ")");
            }
        }
    }

    /** Removes, in steps, what the receiver holds behind the last row of the copy; then the shards are held. */
    void endCopy(long rowCount, @Nullable Digest digest, int rowsMax) {
        Holdings.Copy copy = copyUnderWay();
        Digest taken = copy.taken();
        if (taken.rowCount() != rowCount) {
            throw new DamagedCopyException("a copy that ends after " + taken.rowCount() + " rows (expected: " + rowCount
                    + ", as its sender says)");
        }
        if (digest != null && !taken.equals(digest)) {
            throw new DifferentCopyException(
                    "the rows of a copy of " + copy.shards().count() + " shards at index " + copy.index()
                            + " have the digest " + taken + " (expected: " + digest + ", as its sender says)");
        }
        List<RowName> graves = state.graves(copy.passed(), null, rowsMax);
        RowName reach = graves.size() < rowsMax ? null : graves.get(rowsMax - 1);
        RowName now;
        try (ShardRows held = state.shardRows(copy.shards(), copy.passed(), reach)) {
            held.allow(rowsMax);
            changes.addAll(new CopyMerge(state, copy.index(), commits()).merge(List.of(), held));
            now = held.isAtEnd() ? reach : held.passed();
        }
        if (now != null) {
            forgetGraves(graves, now);
            copy(new Holdings.Copy(copy.shards(), copy.index(), now, copy.taken(), copy.bytes()));
            return;
        }
        hold(copy);
        done = true;
    }

    private void hold(Holdings.Copy copy) {
        closeCopy(copy);
        long from = Math.max(copy.index(), before.index());
        copy.shards().stream()
                .forEach(shard -> batch().putLatest(Spaces.SHARDS, Keys.shard(shard), StoreFile.shardRecord(from)));
        holdings = holdings.with(copy.shards(), from);
    }

    /** Graves are of one copy: left behind, they would keep rows out of the next. There are none before what it has passed. */
    private void closeCopy(Holdings.Copy copy) {
        state.graves(copy.passed(), null, Integer.MAX_VALUE)
                .forEach(grave -> batch().deleteLatest(Spaces.GRAVES, Keys.of(grave)));
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
        emptied = holdings.dropping();
        dropping(Shards.NONE);
    }

    /** The last row that was passed; null: there is none behind it. */
    @Nullable RowName dropPassed() {
        return dropPassed;
    }

    /** Shards of which no row is left. */
    Shards emptied() {
        return emptied;
    }

    /** Whether {@link #copyIn} or {@link #endCopy} came to its end. */
    boolean isDone() {
        return done;
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
            liveRows += change.rowsDelta();
            liveBytes += change.bytesDelta();
        }
        return before.atSequence(batch().sequence())
                .withCounters(before.counters().plus(new CommitBytes(liveRows, liveBytes, 0)));
    }
}
