// SPDX-License-Identifier: Apache-2.0
package io.tidemark.store.state;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.api.ShardHash;
import io.tidemark.proto.v1.FeedCommit;
import io.tidemark.proto.v1.Table;
import io.tidemark.proto.v1.TableState;
import io.tidemark.store.KeySpan;
import io.tidemark.store.LogTime;
import io.tidemark.store.NamedRow;
import io.tidemark.store.RowName;
import io.tidemark.store.Shards;
import io.tidemark.store.StoredRow;
import io.tidemark.store.engine.Direction;
import io.tidemark.store.feed.CommitEffects;
import io.tidemark.store.feed.FeedRead;
import io.tidemark.store.proto.v1.DueRow;
import io.tidemark.store.transition.RandomEntries;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Random;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Compares a store with the model. */
final class StateAssertions {

    static final int SHARD_COUNT = RandomEntries.SETTINGS.getShardCount();
    static final Shards ALL = Shards.all(SHARD_COUNT);

    private StateAssertions() {}

    static NavigableMap<RowName, StoredRow> ofShards(Map<RowName, StoredRow> rows, Shards shards) {
        NavigableMap<RowName, StoredRow> some = new TreeMap<>();
        rows.forEach((name, row) -> {
            if (shards.contains(ShardHash.shardOf(name.table(), name.key(), SHARD_COUNT))) {
                some.put(name, row);
            }
        });
        return some;
    }

    /** All rows of both tables, whole. */
    static void assertRows(StoreView view, NavigableMap<RowName, StoredRow> expected, Shards shards) {
        NavigableMap<RowName, StoredRow> found = new TreeMap<>();
        for (String table : List.of("t", "u")) {
            RowScan.Request request = RowScan.Request.of(KeySpan.all(table)).ofShards(shards);
            rows(view, request).forEach(row -> found.put(row.name(), row.row()));
        }
        assertThat(found).as("rows as of index %s", view.index()).isEqualTo(expected);
    }

    static List<NamedRow> rows(StoreView view, RowScan.Request request) {
        List<NamedRow> rows = new ArrayList<>();
        try (RowScan scan = view.scan(request)) {
            for (NamedRow row = scan.next(); row != null; row = scan.next()) {
                rows.add(row);
            }
        }
        return rows;
    }

    /** Reads as users make them, at an index that can be read. */
    static void assertReads(Store store, History history, long index, Random random) {
        History.State expected = history.at(index);
        try (StoreView view = store.viewAt(index)) {
            assertThat(view.index()).isEqualTo(index);
            assertRows(view, expected.rows(), ALL);
            assertThat(view.tables()).isEqualTo(List.copyOf(expected.tables().values()));
            assertThat(view.table("t")).isEqualTo(expected.tables().get("t"));
            List<RowName> names = new ArrayList<>();
            List<@Nullable StoredRow> rows = new ArrayList<>();
            for (String key : RandomEntries.KEYS) {
                names.add(new RowName("t", key));
                rows.add(expected.rows().get(new RowName("t", key)));
            }
            assertThat(view.get(names)).isEqualTo(rows);
        }
        assertPages(store, expected, index, random);
    }

    /** A scan in pages, each from a view of its own. */
    private static void assertPages(Store store, History.State expected, long index, Random random) {
        List<String> keys = RandomEntries.KEYS;
        String end = random.nextBoolean() ? null : keys.get(random.nextInt(keys.size()));
        KeySpan span = new KeySpan("t", random.nextBoolean() ? "" : keys.get(random.nextInt(keys.size())), end);
        Direction direction = random.nextBoolean() ? Direction.ASCENDING : Direction.DESCENDING;
        List<NamedRow> inOrder = new ArrayList<>();
        expected.rows().forEach((name, row) -> {
            if (span.contains(name)) {
                inOrder.add(new NamedRow(name, row));
            }
        });
        if (direction == Direction.DESCENDING) {
            Collections.reverse(inOrder);
        }
        List<NamedRow> found = new ArrayList<>();
        RowName last = null;
        boolean more = true;
        while (more) {
            try (StoreView view = store.viewAt(index)) {
                RowScan.Request request = new RowScan.Request(span, direction, last, null, false);
                try (RowScan scan = view.scan(request)) {
                    NamedRow row = scan.next();
                    for (int i = 0; i < 2 && row != null; i++) {
                        found.add(row);
                        last = row.name();
                        row = i == 1 ? row : scan.next();
                    }
                    more = row != null;
                }
            }
        }
        assertThat(found).as("%s %s as of index %s", span, direction, index).isEqualTo(inOrder);
    }

    /** What the leader would propose to expire. */
    static void assertDue(Store store, History history) {
        LogTime time = store.logTime();
        History.State now = history.at(store.appliedIndex());
        List<DueRow> expected = now.rows().entrySet().stream()
                .filter(row -> isActive(now.tables().get(row.getKey().table())))
                .filter(row -> isDue(row.getValue(), time))
                .map(row -> dueRow(row.getKey(), row.getValue()))
                .toList();
        assertThat(store.due(time, 1000)).containsExactlyInAnyOrderElementsOf(expected);
        assertThat(store.due(time, 1)).hasSize(Math.min(1, expected.size()));
    }

    private static boolean isActive(@Nullable Table table) {
        return table != null && table.getState() == TableState.TABLE_STATE_ACTIVE;
    }

    private static boolean isDue(StoredRow row, LogTime time) {
        LogTime expireTime = row.expireTime();
        return expireTime != null && !expireTime.isAfter(time);
    }

    private static DueRow dueRow(RowName name, StoredRow row) {
        return DueRow.newBuilder()
                .setTable(name.table())
                .setKey(name.key())
                .setModifiedIndex(row.modifiedIndex())
                .build();
    }

    /** What a follower of some shards would be sent. */
    static void assertFeed(Store store, History history, long after, Shards shards, Random random) {
        List<FeedCommit> expected = new ArrayList<>();
        for (long index = after + 1; index <= store.appliedIndex(); index++) {
            FeedCommit sent = history.at(index).commit().forShards(shards);
            if (sent != null) {
                expected.add(sent);
            }
        }
        List<FeedCommit> found = new ArrayList<>();
        long reached = after;
        while (reached < store.appliedIndex()) {
            int bytes = 1 + random.nextInt(5_000);
            FeedRead read = random.nextBoolean()
                    ? store.feed().read(reached, bytes)
                    : store.feed().read(reached, bytes, shards);
            for (CommitEffects commit : read.commits()) {
                assertThat(commit.index()).isGreaterThan(reached).isLessThanOrEqualTo(read.through());
                FeedCommit sent = commit.forShards(shards);
                if (sent != null) {
                    found.add(sent);
                    CommitEffects received = CommitEffects.of(sent);
                    assertThat(received.forShards(shards)).isEqualTo(sent);
                }
            }
            assertThat(read.through()).isGreaterThan(reached);
            reached = read.through();
        }
        assertThat(found).as("feed behind index %s", after).isEqualTo(expected);
    }
}
