// SPDX-License-Identifier: Apache-2.0
package io.tidemark.server.watch;

import com.google.protobuf.ByteString;
import com.google.protobuf.Duration;
import io.tidemark.api.HistoryId;
import io.tidemark.proto.v1.CommitRequest;
import io.tidemark.proto.v1.DeleteMutation;
import io.tidemark.proto.v1.Expiry;
import io.tidemark.proto.v1.Mutation;
import io.tidemark.proto.v1.PutMutation;
import io.tidemark.proto.v1.Value;
import io.tidemark.server.read.StoreRig;
import io.tidemark.store.engine.EngineOptions;
import io.tidemark.store.engine.InMemoryEngine;
import io.tidemark.store.format.Spaces;
import io.tidemark.store.proto.v1.Command;
import io.tidemark.store.proto.v1.DropStepCommand;
import io.tidemark.store.proto.v1.DueRow;
import io.tidemark.store.proto.v1.ExpireCommand;
import io.tidemark.store.proto.v1.WriteCommand;
import io.tidemark.store.state.StoreOptions;
import io.tidemark.store.transition.Applied;
import io.tidemark.store.validate.SettingsRules;
import java.util.Arrays;

/** A store whose every change tests can make, to watch it. */
public final class WatchedStore extends StoreRig {

    WatchedStore(long recentBytesMax) {
        this(HISTORY, recentBytesMax);
    }

    /** @param recentBytesMax what is older is read as from disk */
    WatchedStore(HistoryId history, long recentBytesMax) {
        this(history, recentBytesMax, SettingsRules.defaults().getShardCount());
    }

    /** @param recentBytesMax what is older is read as from disk */
    public WatchedStore(HistoryId history, long recentBytesMax, int shardCount) {
        super(create(
                new InMemoryEngine(EngineOptions.of(Spaces.RETENTION)),
                history,
                new StoreOptions(
                        StoreOptions.defaults().memtableBytesMax(),
                        recentBytesMax,
                        StoreOptions.defaults().engine()),
                shardCount));
    }

    public static Mutation put(String table, String key, String value) {
        return Mutation.newBuilder()
                .setTable(table)
                .setPut(PutMutation.newBuilder()
                        .setKey(key)
                        .setValue(Value.newBuilder()
                                .setBytes(ByteString.copyFromUtf8(value))
                                .setContentType("text/plain")))
                .build();
    }

    public static Mutation delete(String table, String key) {
        return Mutation.newBuilder()
                .setTable(table)
                .setDelete(DeleteMutation.newBuilder().setKey(key))
                .build();
    }

    /** One commit; its index. */
    public long commit(Mutation... mutations) {
        write(WriteCommand.newBuilder()
                .setCommit(CommitRequest.newBuilder().addAllMutations(Arrays.asList(mutations))));
        return store().appliedIndex();
    }

    public long dropTable(String table) {
        drop(table);
        return store().appliedIndex();
    }

    void dropStep(String table) {
        Applied unused = apply(Command.newBuilder()
                .setDropStep(DropStepCommand.newBuilder().setTable(table).setLimit(1000)));
    }

    /** A row whose time has come with the next commit. */
    static Mutation putExpiring(String table, String key) {
        Mutation.Builder mutation = put(table, key, "short-lived").toBuilder();
        mutation.getPutBuilder()
                .setExpiry(Expiry.newBuilder().setTtl(Duration.newBuilder().setSeconds(1)));
        return mutation.build();
    }

    long expire(String table, String key, long modifiedIndex) {
        Applied unused = apply(Command.newBuilder()
                .setExpire(ExpireCommand.newBuilder()
                        .addRows(DueRow.newBuilder().setTable(table).setKey(key).setModifiedIndex(modifiedIndex))));
        return store().appliedIndex();
    }
}
