// SPDX-License-Identifier: Apache-2.0
package io.tidemark.server.watch;

import io.tidemark.proto.v1.ChangeKind;
import io.tidemark.proto.v1.TableState;
import io.tidemark.store.KeySpan;
import io.tidemark.store.RowName;
import io.tidemark.store.Shards;
import io.tidemark.store.feed.CommitEffects;
import io.tidemark.store.transition.RowEffect;
import io.tidemark.store.transition.SystemChange;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Which changes a watch is about.
 *
 * @param everything whatever the next three say
 * @param keys these rows
 * @param prefixes rows whose keys begin so; a whole table is the empty prefix
 * @param spans other ranges
 * @param shards rows of these shards only
 * @param kinds changes of these kinds only; empty: of all. The drop of a table is told in any case
 */
record WatchedRows(
        boolean everything,
        Set<RowName> keys,
        Set<RowName> prefixes,
        Set<KeySpan> spans,
        @Nullable Shards shards,
        Set<ChangeKind> kinds) {

    WatchedRows {
        keys = Set.copyOf(keys);
        prefixes = Set.copyOf(prefixes);
        spans = Set.copyOf(spans);
        kinds = Set.copyOf(kinds);
    }

    /** One change that a watch is about. */
    sealed interface Change {

        record OfRow(ChangeKind kind, RowEffect effect) implements Change {}

        /**
         * From here on the table has no rows.
         *
         * @param position behind those of the rows that the same commit changed
         */
        record TableDropped(String table, int position) implements Change {}
    }

    /** What of a commit is to be told, in the order of its positions. */
    List<Change> of(CommitEffects commit) {
        List<Change> changes = new ArrayList<>();
        for (RowEffect effect : commit.rows()) {
            ChangeKind kind = kindOf(effect);
            if (kind != null && contains(effect, kind)) {
                changes.add(new Change.OfRow(kind, effect));
            }
        }
        int position = commit.rows().size();
        for (SystemChange change : commit.system()) {
            String dropped = droppedBy(change);
            if (dropped != null && touches(dropped)) {
                changes.add(new Change.TableDropped(dropped, position));
            }
            position++;
        }
        return changes;
    }

    /** Whether a change of a row is to be told, given that a filter matches it. */
    boolean admits(RowEffect effect, ChangeKind kind) {
        return (shards == null || shards.contains(effect.shard())) && (kinds.isEmpty() || kinds.contains(kind));
    }

    private boolean contains(RowEffect effect, ChangeKind kind) {
        return admits(effect, kind) && (everything || isFiltered(effect.name()));
    }

    private boolean isFiltered(RowName name) {
        if (keys.contains(name)) {
            return true;
        }
        for (RowName prefix : prefixes) {
            if (prefix.table().equals(name.table()) && name.key().startsWith(prefix.key())) {
                return true;
            }
        }
        for (KeySpan span : spans) {
            if (span.contains(name)) {
                return true;
            }
        }
        return false;
    }

    boolean touches(String table) {
        return everything || tables().contains(table);
    }

    /** Those that filters name. */
    Set<String> tables() {
        Set<String> tables = new HashSet<>();
        keys.forEach(key -> tables.add(key.table()));
        prefixes.forEach(prefix -> tables.add(prefix.table()));
        spans.forEach(span -> tables.add(span.table()));
        return tables;
    }

    /** Null: watchers are not told. */
    static @Nullable ChangeKind kindOf(RowEffect effect) {
        if (effect instanceof RowEffect.Tombstone tombstone) {
            return switch (tombstone.cause()) {
                case TOMBSTONE_CAUSE_DELETE -> ChangeKind.CHANGE_KIND_DELETE;
                case TOMBSTONE_CAUSE_EXPIRE -> ChangeKind.CHANGE_KIND_EXPIRE;
                // The drop was told as one change when it was committed.
                case TOMBSTONE_CAUSE_TABLE_DROPPED, TOMBSTONE_CAUSE_UNSPECIFIED, UNRECOGNIZED -> null;
            };
        }
        return ChangeKind.CHANGE_KIND_PUT;
    }

    /** The table that a change drops; null: it drops none. */
    static @Nullable String droppedBy(SystemChange change) {
        return change instanceof SystemChange.TableChanged changed
                        && changed.table().getState() == TableState.TABLE_STATE_DROPPING
                ? changed.table().getTable()
                : null;
    }
}
