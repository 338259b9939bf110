// SPDX-License-Identifier: Apache-2.0
package io.tidemark.store.state;

import io.tidemark.proto.v1.Table;
import io.tidemark.store.LogTime;
import io.tidemark.store.RowName;
import io.tidemark.store.StoredRow;
import io.tidemark.store.digest.RowHasher;
import io.tidemark.store.feed.CommitEffects;
import io.tidemark.store.format.Keys;
import io.tidemark.store.format.Rows;
import io.tidemark.store.format.Spaces;
import io.tidemark.store.transition.CommitMark;
import io.tidemark.store.transition.RowEffect;
import io.tidemark.store.transition.SystemChange;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Writes commits and copied rows into a batch, with all that follows from a row that changes: its expiry, the change index,
 * and what digests have to be told. Knows the rows as they are after what the batch holds so far.
 */
final class CommitWriter {

    private static final byte[] NO_VALUE = {};

    private final Batch batch;
    private final Function<RowName, @Nullable StoredRow> stored;
    private final Map<RowName, Held> changed = new HashMap<>();
    private final RowHasher hasher = new RowHasher();
    private final Map<String, @Nullable Table> changedTables = new HashMap<>();
    private @Nullable LogTime firstExpiry;

    /** @param stored looks a row up as it was before the batch */
    CommitWriter(Batch batch, Function<RowName, @Nullable StoredRow> stored) {
        this.batch = batch;
        this.stored = stored;
    }

    /** A commit and what it changed here. */
    record Written(CommitEffects effects, List<RowChange> changes) {}

    Written write(CommitEffects commit, CommitMark mark) {
        batch.beginCommit();
        List<RowChange> changes = new ArrayList<>(commit.rows().size());
        for (RowEffect effect : commit.rows()) {
            StoredRow after = effect instanceof RowEffect.Put put ? put.row() : null;
            changes.add(change(effect.name(), effect.shard(), after));
        }
        writeTables(commit.system());
        batch.put(Spaces.COMMITS, Keys.number(commit.index()), ChangeRecord.encode(commit, mark));
        return new Written(commit, changes);
    }

    /** The last word of a commit on a table counts. */
    private void writeTables(List<SystemChange> changes) {
        Map<String, @Nullable Table> tables = new HashMap<>();
        for (SystemChange change : changes) {
            if (change instanceof SystemChange.TableChanged changedTable) {
                tables.put(changedTable.table().getTable(), changedTable.table());
            } else if (change instanceof SystemChange.TableRemoved removed) {
                tables.put(removed.table(), null);
            }
        }
        changedTables.putAll(tables);
        tables.forEach((name, table) -> {
            if (table == null) {
                batch.delete(Spaces.TABLES, Keys.text(name));
            } else {
                batch.put(Spaces.TABLES, Keys.text(name), table.toByteArray());
            }
        });
    }

    /** Tables as they are after what the batch holds so far, of those that it changes; null: it is gone. */
    Map<String, @Nullable Table> changedTables() {
        return changedTables;
    }

    /** One row of the commit begun last, which is then what {@code after} says; null: it is gone. */
    RowChange change(RowName name, int shard, @Nullable StoredRow after) {
        StoredRow before = row(name);
        byte[] key = Keys.of(name);
        if (after != null) {
            batch.put(Spaces.ROWS, key, Rows.encode(shard, after));
        } else {
            batch.delete(Spaces.ROWS, key);
        }
        changeExpiry(name, before == null ? null : before.expireTime(), after == null ? null : after.expireTime());
        changed.put(name, new Held(after));
        return RowChange.of(name, shard, before, after, hasher);
    }

    /** A row as it is after what the batch holds so far. */
    @Nullable StoredRow row(RowName name) {
        Held held = changed.get(name);
        return held == null ? stored.apply(name) : held.row();
    }

    private void changeExpiry(RowName name, @Nullable LogTime before, @Nullable LogTime after) {
        if (before != null && !before.equals(after)) {
            batch.deleteLatest(Spaces.EXPIRIES, Keys.expiry(before, name));
        }
        if (after != null && !after.equals(before)) {
            batch.putLatest(Spaces.EXPIRIES, Keys.expiry(after, name), NO_VALUE);
            if (firstExpiry == null || firstExpiry.isAfter(after)) {
                firstExpiry = after;
            }
        }
    }

    /** The earliest expiry that was added. */
    @Nullable LogTime firstExpiry() {
        return firstExpiry;
    }

    private record Held(@Nullable StoredRow row) {}
}
