// SPDX-License-Identifier: Apache-2.0
package io.tidemark.server.watch;

import io.tidemark.proto.v1.ChangeKind;
import io.tidemark.proto.v1.Row;
import io.tidemark.proto.v1.RowView;
import io.tidemark.proto.v1.WatchEvent;
import io.tidemark.proto.v1.WatchPreviousRow;
import io.tidemark.store.RowName;
import io.tidemark.store.StoredRow;
import io.tidemark.store.feed.CommitEffects;
import io.tidemark.store.state.BelowHorizonException;
import io.tidemark.store.state.Store;
import io.tidemark.store.state.StoreView;
import io.tidemark.store.transition.RowEffect;
import org.jspecify.annotations.Nullable;

/** Makes the events of one commit, as one watch wants them. Give it to one thread, and close it. */
final class EventMaker implements AutoCloseable {

    private final WatchAsk ask;
    private final RowMaker rows;
    private final CommitEffects commit;
    private final @Nullable StoreView before;

    EventMaker(WatchAsk ask, RowMaker rows, Store store, CommitEffects commit) {
        this.ask = ask;
        this.rows = rows;
        this.commit = commit;
        this.before = ask.wantsPreviousRow() ? viewAt(store, commit.index() - 1) : null;
    }

    /** Null: it has passed below the horizon since the commit was read. */
    private static @Nullable StoreView viewAt(Store store, long index) {
        try {
            return store.viewAt(index);
        } catch (BelowHorizonException e) {
            return null;
        }
    }

    WatchEvent event(WatchedRows.Change change) {
        WatchEvent.Builder event = WatchEvent.newBuilder()
                .setIndex(commit.index())
                .setTime(commit.logTime().toTimestamp());
        if (change instanceof WatchedRows.Change.TableDropped dropped) {
            return event.setPosition(dropped.position())
                    .setKind(ChangeKind.CHANGE_KIND_TABLE_DROPPED)
                    .setRow(Row.newBuilder().setTable(dropped.table()).setModifiedIndex(commit.index()))
                    .build();
        }
        WatchedRows.Change.OfRow ofRow = (WatchedRows.Change.OfRow) change;
        RowEffect effect = ofRow.effect();
        event.setPosition(effect.position())
                .setKind(ofRow.kind())
                .setRow(row(effect))
                .setShard(effect.shard());
        if (ask.wantsPreviousRow()) {
            addPreviousRow(event, effect);
        }
        return event.build();
    }

    private Row row(RowEffect effect) {
        RowName name = effect.name();
        if (effect instanceof RowEffect.Put put) {
            return rows.row(name, put.row(), ask.valueForm(), ask.rowView());
        }
        return Row.newBuilder()
                .setTable(name.table())
                .setKey(name.key())
                .setModifiedIndex(commit.index())
                .build();
    }

    private void addPreviousRow(WatchEvent.Builder event, RowEffect effect) {
        if (before == null || !before.isReadable(effect.shard())) {
            boolean existed =
                    !(effect instanceof RowEffect.Put put) || put.row().version() > 1;
            if (existed) {
                event.setPreviousRowMissing(true);
            }
            return;
        }
        StoredRow row = before.get(effect.name());
        if (row != null) {
            boolean full = ask.previousRow() == WatchPreviousRow.WATCH_PREVIOUS_ROW_FULL;
            RowView view = full ? RowView.ROW_VIEW_FULL : RowView.ROW_VIEW_METADATA;
            event.setPreviousRow(rows.row(effect.name(), row, ask.valueForm(), view));
        }
    }

    @Override
    public void close() {
        if (before != null) {
            before.close();
        }
    }
}
