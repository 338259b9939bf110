// SPDX-License-Identifier: Apache-2.0
package io.tidemark.store.state;

import io.tidemark.store.RowName;
import io.tidemark.store.Shards;
import io.tidemark.store.digest.Digest;
import io.tidemark.store.digest.DigestLayout;
import io.tidemark.store.digest.DigestSchedule;
import io.tidemark.store.digest.DigestsAt;
import io.tidemark.store.digest.RunningDigests;
import io.tidemark.store.engine.Cursor;
import io.tidemark.store.engine.Direction;
import io.tidemark.store.engine.RowVersion;
import io.tidemark.store.engine.View;
import io.tidemark.store.format.Digests;
import io.tidemark.store.format.Keys;
import io.tidemark.store.format.Rows;
import io.tidemark.store.format.Spaces;
import java.util.BitSet;
import java.util.Collections;
import java.util.List;

/** Keeps the digests of the rows up with what the writer writes. Owned by the writer; what it gives out is for all. */
final class Digester {

    /** A progress report after so many rows. */
    private static final int ROWS_PER_REPORT = 10_000;

    private static final List<Digest> NO_ROWS = Collections.nCopies(DigestLayout.BUCKETS_PER_SHARD, Digest.EMPTY);

    private final DigestLayout layout;
    private final RunningDigests running;
    private final DigestSchedule schedule = new DigestSchedule();
    private final BitSet changedShards = new BitSet();

    private Digester(DigestLayout layout, RunningDigests running) {
        this.layout = layout;
        this.running = running;
    }

    /** What was put down with the checkpoint that the view shows. */
    static Digester load(View view, DigestLayout layout) {
        RunningDigests running = new RunningDigests(layout);
        try (Cursor cursor = view.scan(Spaces.DIGESTS, new byte[0], null, Direction.ASCENDING)) {
            for (RowVersion row = cursor.next(); row != null; row = cursor.next()) {
                running.load(Keys.shard(row.key()), Digests.decode(row.value()));
            }
        }
        return new Digester(layout, running);
    }

    /** From the rows, and to be written whole. */
    static Digester recompute(View view, DigestLayout layout) {
        Digester digester = new Digester(layout, recomputed(view, layout, rows -> {}));
        digester.changedShards.set(0, layout.shardCount());
        return digester;
    }

    private static RunningDigests recomputed(View view, DigestLayout layout, CheckListener listener) {
        RunningDigests digests = new RunningDigests(layout);
        long rows = 0;
        try (Cursor cursor = view.scan(Spaces.ROWS, new byte[0], null, Direction.ASCENDING)) {
            for (RowVersion row = cursor.next(); row != null; row = cursor.next()) {
                RowName name = Keys.name(row.key());
                digests.change(name, null, Rows.decode(row.value()));
                if (++rows % ROWS_PER_REPORT == 0) {
                    listener.checked(rows);
                }
            }
        }
        listener.checked(rows);
        return digests;
    }

    /** The digests of what a view shows, computed from its rows alone. */
    static DigestsAt recompute(StoreView view, DigestLayout layout, CheckListener listener) {
        return recomputed(view.engineView(), layout, listener).at(view.index());
    }

    DigestLayout layout() {
        return layout;
    }

    DigestSchedule schedule() {
        return schedule;
    }

    /** Those of the newest state. */
    DigestsAt at(long index) {
        return running.at(index);
    }

    /** Rows that a commit changed; {@code before} is the last index before it. */
    void commit(long before, long index, List<RowChange> changes) {
        keepAgreed(before, index - 1);
        change(changes);
        keepAgreed(index - 1, index);
    }

    /** Nothing changed here up to an index. */
    void through(long before, long index) {
        keepAgreed(before, index);
    }

    /** Rows that changed without a commit: copied in, or dropped. */
    void change(List<RowChange> changes) {
        for (RowChange change : changes) {
            running.change(change.name(), change.before(), change.after());
            changedShards.set(change.shard());
        }
    }

    /**
     * No row of these is left. What would be left of their digests is of rows that were not what was applied, and would tell the
     * next copy for wrong.
     */
    void emptied(Shards shards) {
        shards.stream().forEach(shard -> {
            running.load(shard, NO_ROWS);
            changedShards.set(shard);
        });
    }

    /** Rows of more shards are complete as of an index: if digests were kept at it, those rows were not in them. */
    void completed(long index) {
        schedule.replace(running.at(index));
    }

    /** The digests as they are, kept under the last agreed index above {@code before} and up to {@code through}. */
    private void keepAgreed(long before, long through) {
        long last = through - through % DigestSchedule.INTERVAL;
        if (last > before) {
            schedule.keep(running.at(last));
        }
    }

    /** The digests as they are, unless they are kept. */
    void keepNow(long index) {
        if (schedule.newest().map(newest -> newest.index() < index).orElse(true)) {
            schedule.keep(running.at(index));
        }
    }

    boolean isChanged() {
        return !changedShards.isEmpty();
    }

    /** Puts down what has changed since it was last put down. */
    void writeChanged(Batch batch) {
        changedShards.stream()
                .forEach(shard ->
                        batch.putLatest(Spaces.DIGESTS, Keys.shard(shard), Digests.encode(running.buckets(shard))));
    }

    /** What was put down is in the engine. */
    void written() {
        changedShards.clear();
    }
}
