// SPDX-License-Identifier: Apache-2.0
package io.tidemark.store.state;

import io.tidemark.proto.v1.Table;
import io.tidemark.store.LogTime;
import io.tidemark.store.RowName;
import io.tidemark.store.Shards;
import io.tidemark.store.StoredRow;
import io.tidemark.store.engine.RowVersion;
import io.tidemark.store.engine.View;
import io.tidemark.store.format.Keys;
import io.tidemark.store.format.Rows;
import io.tidemark.store.format.Spaces;
import io.tidemark.store.proto.v1.CommitRecord;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The state as of one index, unchanged for as long as it is held; for any thread. It keeps files on disk until it is closed,
 * so whoever wants the next page of a scan later asks for a new one at the same index.
 */
public final class StoreView implements AutoCloseable {

    private final View view;
    private final long index;
    private final Holdings holdings;
    private final Tables tables;

    /**
     * Takes over the view. The holdings are those of the store when it looked as the view shows it.
     *
     * @param tables of a state that is not older
     */
    StoreView(View view, long index, Holdings holdings, Tables tables) {
        this.view = view;
        this.index = index;
        this.holdings = holdings;
        this.tables = tables;
    }

    public long index() {
        return index;
    }

    /** The shards whose rows are all here. Of every other shard neither presence nor absence means anything. */
    public Shards readable() {
        return holdings.readableAt(index);
    }

    /** Whether all rows of a shard are here. */
    public boolean isReadable(int shard) {
        return holdings.isReadableAt(shard, index);
    }

    /** Null: there is no such row. */
    public @Nullable StoredRow get(RowName name) {
        RowVersion row = view.get(Spaces.ROWS, Keys.of(name));
        return row == null ? null : Rows.decode(row.value());
    }

    /** One for each name, in their order. */
    public List<@Nullable StoredRow> get(List<RowName> names) {
        List<@Nullable StoredRow> rows = new ArrayList<>(names.size());
        for (RowName name : names) {
            rows.add(get(name));
        }
        return rows;
    }

    public RowScan scan(RowScan.Request request) {
        return new RowScan(view, request);
    }

    /** Null: there is no such table. Looked up in memory, unless tables have changed since this state. */
    public @Nullable Table table(String name) {
        if (tables.areOf(index)) {
            return tables.get(name);
        }
        RowVersion row = view.get(Spaces.TABLES, Keys.text(name));
        return StoredState.parsed(Table.parser(), row == null ? null : row.value());
    }

    /** All of them, by name. */
    public List<Table> tables() {
        return StoredState.tables(view);
    }

    /** The log time that the leader stamped on the commit at {@link #index}; null: it is not known here. */
    public @Nullable LogTime time() {
        RowVersion found = view.get(Spaces.COMMITS, Keys.number(index));
        CommitRecord record = StoredState.parsed(CommitRecord.parser(), found == null ? null : found.value());
        return record == null ? null : LogTime.of(record.getMark().getLogTime());
    }

    View engineView() {
        return view;
    }

    @Override
    public void close() {
        view.close();
    }
}
