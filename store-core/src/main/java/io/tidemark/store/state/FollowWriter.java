// SPDX-License-Identifier: Apache-2.0
package io.tidemark.store.state;

import com.google.protobuf.ByteString;
import io.tidemark.api.ShardHash;
import io.tidemark.proto.v1.Table;
import io.tidemark.store.LogTime;
import io.tidemark.store.RowName;
import io.tidemark.store.Shards;
import io.tidemark.store.StoredRow;
import io.tidemark.store.feed.CommitEffects;
import io.tidemark.store.format.Keys;
import io.tidemark.store.format.Spaces;
import io.tidemark.store.transition.Commit;
import io.tidemark.store.transition.CommitBytes;
import io.tidemark.store.transition.CommitMark;
import io.tidemark.store.transition.Counters;
import io.tidemark.store.transition.RowEffect;
import io.tidemark.store.transition.RowSize;
import io.tidemark.store.transition.SystemChange;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Writes what a feed brought, as far as it is for shards that are held or copied. */
final class FollowWriter extends BatchWriter {

    private final StoredState state;
    private final Progress before;
    private final Shards receiving;
    private final Holdings.@Nullable Copy copy;
    /** Whether tables that these commits name exist after them. */
    private final Map<String, Boolean> tables = new HashMap<>();

    private Counters counters;
    private CommitMark horizonMark;

    FollowWriter(StoredState state, Progress before, Holdings holdings) {
        super(state, before);
        this.state = state;
        this.before = before;
        this.receiving = holdings.receiving();
        this.copy = holdings.copy();
        this.counters = before.counters();
        this.horizonMark = before.horizonMark();
    }

    void write(CommitEffects commit) {
        if (commit.index() <= counters.lastIndex()) {
            throw new IllegalArgumentException("commit " + commit.index()
                    + " of a feed (expected: above the applied index, " + counters.lastIndex() + ")");
        }
        commit.rows().forEach(this::requireOwnShard);
        CommitEffects received = commit.of(receiving);
        List<RowEffect> rows = received.rows();
        if (rows.isEmpty() && commit.system().isEmpty()) {
            counters = counters.through(commit.index(), LogTime.max(counters.logTime(), commit.logTime()));
            return;
        }
        List<SystemChange> system = new ArrayList<>();
        commit.system().forEach(change -> system.add(seen(change)));
        system.forEach(this::take);
        CommitBytes bytes = bytes(rows);
        counters = counters.after(new Commit(commit.index(), commit.logTime(), rows, system, bytes));
        CommitMark mark = new CommitMark(commit.logTime(), counters.supersededBytes());
        rows.forEach(this::rememberGrave);
        written().add(commits().write(received, mark));
        if (counters.horizon() == commit.index()) {
            horizonMark = mark;
        }
    }

    /** A row filed under another shard than its own would be dropped, copied and compared with the wrong ones for ever. */
    private void requireOwnShard(RowEffect effect) {
        RowName name = effect.name();
        int shard = ShardHash.shardOf(name.table(), name.key(), settings().getShardCount());
        if (effect.shard() != shard) {
            throw new IllegalArgumentException(
                    "row " + name + " of a feed says shard " + effect.shard() + " (expected: " + shard + ")");
        }
    }

    /** A table is new if it was not there; one that is gone may have been unknown. */
    private SystemChange seen(SystemChange change) {
        if (change instanceof SystemChange.TableChanged changed) {
            Table table = changed.table();
            boolean known = exists(table.getTable());
            tables.put(table.getTable(), true);
            return new SystemChange.TableChanged(table, !known);
        }
        if (change instanceof SystemChange.TableRemoved removed) {
            tables.put(removed.table(), false);
        }
        if (change instanceof SystemChange.SettingsChanged changed
                && changed.settings().getShardCount() != settings().getShardCount()) {
            throw new IllegalArgumentException(
                    "shard count " + changed.settings().getShardCount() + " of a feed (expected: "
                            + settings().getShardCount() + ", as at birth)");
        }
        return change;
    }

    private boolean exists(String table) {
        Boolean known = tables.get(table);
        return known != null ? known : state.table(table) != null;
    }

    private CommitBytes bytes(List<RowEffect> rows) {
        long liveRows = 0;
        long liveBytes = 0;
        long superseded = 0;
        for (RowEffect effect : rows) {
            RowName name = effect.name();
            StoredRow held = commits().row(name);
            if (held != null) {
                liveRows--;
                liveBytes -= RowSize.of(name, held);
                superseded += RowSize.of(name, held);
            }
            if (effect instanceof RowEffect.Put put) {
                liveRows++;
                liveBytes += RowSize.of(name, put.row());
            } else {
                superseded += RowSize.ofTombstone(name);
            }
        }
        return new CommitBytes(liveRows, liveBytes, superseded);
    }

    /** What is deleted before the copy has come by must not come back with it. */
    private void rememberGrave(RowEffect effect) {
        Holdings.Copy under = copy;
        if (under == null || !under.shards().contains(effect.shard())) {
            return;
        }
        RowName passed = under.passed();
        if (passed != null && effect.name().compareTo(passed) <= 0) {
            return;
        }
        byte[] grave = Keys.of(effect.name());
        if (effect instanceof RowEffect.Tombstone) {
            batch().putLatest(Spaces.GRAVES, grave, new byte[0]);
        } else {
            batch().deleteLatest(Spaces.GRAVES, grave);
        }
    }

    Progress finish(long through, LogTime throughTime, ByteString position) {
        if (through < counters.lastIndex()) {
            throw new IllegalArgumentException("through index " + through
                    + " of a feed (expected: not below the applied index, " + counters.lastIndex() + ")");
        }
        batch().close();
        Counters after = counters.through(through, LogTime.max(counters.logTime(), throughTime));
        return new Progress(
                batch().sequence(), position, after, horizonMark, before.digestSequence(), transitionVersion(), true);
    }
}
