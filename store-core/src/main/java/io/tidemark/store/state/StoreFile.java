// SPDX-License-Identifier: Apache-2.0
package io.tidemark.store.state;

import com.google.protobuf.ByteString;
import com.google.protobuf.Parser;
import io.tidemark.api.HistoryId;
import io.tidemark.proto.v1.ShardSet;
import io.tidemark.proto.v1.StoreSettings;
import io.tidemark.proto.v1.Table;
import io.tidemark.store.RowName;
import io.tidemark.store.Shards;
import io.tidemark.store.digest.Digest;
import io.tidemark.store.digest.DigestLayout;
import io.tidemark.store.engine.Cursor;
import io.tidemark.store.engine.Direction;
import io.tidemark.store.engine.Engine;
import io.tidemark.store.engine.RowVersion;
import io.tidemark.store.engine.View;
import io.tidemark.store.format.Keys;
import io.tidemark.store.format.Spaces;
import io.tidemark.store.proto.v1.CopyProgress;
import io.tidemark.store.proto.v1.RowPlace;
import io.tidemark.store.proto.v1.ShardRecord;
import io.tidemark.store.proto.v1.StoreIdentity;
import io.tidemark.store.transition.CommitMark;
import io.tidemark.store.transition.Counters;
import io.tidemark.store.transition.Registry;
import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** What an engine holds of a store beside rows, as it is found when the store is opened. */
record StoreFile(
        HistoryId history,
        StoreSettings settings,
        Progress progress,
        Holdings holdings,
        Digester digester,
        List<Table> tables,
        RequestIds requestIds,
        Registry registry) {

    static final byte[] IDENTITY = Keys.text("identity");
    static final byte[] SETTINGS = Keys.text("settings");
    static final byte[] COPY = Keys.text("copy");
    static final byte[] COPIED_THROUGH = Keys.text("copied-through");
    static final byte[] DROPPING = Keys.text("dropping");

    /** There while a restore is under way, and after one that was killed. */
    static final byte[] RESTORING = Keys.text("restoring");

    static void create(Engine engine, StoreBirth birth, boolean restoring) {
        Batch batch = new Batch(0);
        batch.beginCommit();
        StoreIdentity identity = StoreIdentity.newBuilder()
                .setHistoryId(birth.history().text())
                .setShardCount(birth.settings().getShardCount())
                .build();
        batch.putLatest(Spaces.META, IDENTITY, identity.toByteArray());
        batch.putLatest(Spaces.META, SETTINGS, birth.settings().toByteArray());
        if (restoring) {
            batch.putLatest(Spaces.META, RESTORING, new byte[0]);
        }
        for (Table table : birth.tables()) {
            batch.put(Spaces.TABLES, Keys.text(table.getTable()), table.toByteArray());
        }
        byte[] readable = shardRecord(birth.index());
        birth.shards().stream().forEach(shard -> batch.putLatest(Spaces.SHARDS, Keys.shard(shard), readable));
        // No request id of before is known, so the floor of the window is the index that the history begins at.
        Counters counters = new Counters(
                birth.index(),
                birth.logTime(),
                birth.index(),
                birth.tables().size(),
                0,
                0,
                0,
                Counters.EMPTY.windowFirst(),
                Counters.EMPTY.windowNext(),
                birth.index());
        CommitMark mark = new CommitMark(birth.logTime(), 0);
        Progress progress = new Progress(
                batch.sequence(), ByteString.EMPTY, counters, mark, batch.sequence(), birth.transitionVersion(), false);
        batch.writeTo(engine, progress.encode());
        engine.checkpoint().join();
    }

    /** @param restoring whether the caller is the restore that made the store */
    static StoreFile load(Engine engine, boolean restoring) {
        Progress progress = Progress.decode(engine.appliedIndex(), engine.position());
        try (View view = engine.view()) {
            StoreIdentity identity = required(StoreIdentity.parser(), view, IDENTITY);
            if (!restoring && view.get(Spaces.META, RESTORING) != null) {
                throw new IllegalStateException(
                        "the directory holds a part of a backup: its restore did not come to its end"
                                + " (expected: a whole store; delete the directory and restore again)");
            }
            DigestLayout layout = new DigestLayout(identity.getShardCount());
            Digester digester = progress.digestSequence() == progress.sequence()
                    ? Digester.load(view, layout)
                    : Digester.recompute(view, layout);
            return new StoreFile(
                    new HistoryId(identity.getHistoryId()),
                    required(StoreSettings.parser(), view, SETTINGS),
                    progress,
                    holdings(view, identity.getShardCount()),
                    digester,
                    StoredState.tables(view),
                    RequestGroups.ids(view, progress.counters().windowFirst()),
                    RegistryWriter.load(view));
        }
    }

    private static <T> T required(Parser<T> parser, View view, byte[] name) {
        T found = optional(parser, view, name);
        if (found == null) {
            throw new IllegalStateException("the directory holds no store that this version understands");
        }
        return found;
    }

    private static <T> @Nullable T optional(Parser<T> parser, View view, byte[] name) {
        RowVersion row = view.get(Spaces.META, name);
        return StoredState.parsed(parser, row == null ? null : row.value());
    }

    private static Holdings holdings(View view, int shardCount) {
        NavigableMap<Integer, Long> readableFrom = new TreeMap<>();
        try (Cursor cursor = view.scan(Spaces.SHARDS, new byte[0], null, Direction.ASCENDING)) {
            for (RowVersion row = cursor.next(); row != null; row = cursor.next()) {
                ShardRecord record = StoredState.parsed(ShardRecord.parser(), row.value());
                if (record != null) {
                    readableFrom.put(Keys.shard(row.key()), record.getReadableFrom());
                }
            }
        }
        CopyProgress copy = optional(CopyProgress.parser(), view, COPY);
        RowVersion copiedThrough = view.get(Spaces.META, COPIED_THROUGH);
        ShardSet dropping = optional(ShardSet.parser(), view, DROPPING);
        return Holdings.of(
                readableFrom,
                copy == null ? null : copy(copy, shardCount),
                dropping == null ? Shards.NONE : Shards.of(dropping, shardCount),
                copiedThrough == null ? 0 : Keys.number(copiedThrough.value()));
    }

    static byte[] shardRecord(long readableFrom) {
        return ShardRecord.newBuilder().setReadableFrom(readableFrom).build().toByteArray();
    }

    static byte[] encode(Holdings.Copy copy) {
        CopyProgress.Builder progress = CopyProgress.newBuilder()
                .setShards(copy.shards().toProto())
                .setIndex(copy.index())
                .setRowsCopied(copy.taken().rowCount())
                .setDigestHigh(copy.taken().high())
                .setDigestLow(copy.taken().low())
                .setBytesCopied(copy.bytes());
        RowName passed = copy.passed();
        if (passed != null) {
            progress.setLastRow(RowPlace.newBuilder().setTable(passed.table()).setKey(passed.key()));
        }
        return progress.build().toByteArray();
    }

    private static Holdings.Copy copy(CopyProgress progress, int shardCount) {
        RowName passed = progress.hasLastRow()
                ? new RowName(
                        progress.getLastRow().getTable(), progress.getLastRow().getKey())
                : null;
        return new Holdings.Copy(
                Shards.of(progress.getShards(), shardCount),
                progress.getIndex(),
                passed,
                new Digest(progress.getDigestHigh(), progress.getDigestLow(), progress.getRowsCopied()),
                progress.getBytesCopied());
    }
}
