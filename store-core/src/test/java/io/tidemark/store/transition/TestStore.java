// SPDX-License-Identifier: Apache-2.0
package io.tidemark.store.transition;

import static java.util.Objects.requireNonNull;

import com.google.protobuf.ByteString;
import com.google.protobuf.Timestamp;
import io.tidemark.proto.v1.CommitRequest;
import io.tidemark.proto.v1.Condition;
import io.tidemark.proto.v1.CreateTableRequest;
import io.tidemark.proto.v1.DeleteMutation;
import io.tidemark.proto.v1.DeleteRangeMutation;
import io.tidemark.proto.v1.DropTableRequest;
import io.tidemark.proto.v1.ErrorReason;
import io.tidemark.proto.v1.Expiry;
import io.tidemark.proto.v1.IncrementMutation;
import io.tidemark.proto.v1.KeyRange;
import io.tidemark.proto.v1.Mutation;
import io.tidemark.proto.v1.PatchMutation;
import io.tidemark.proto.v1.PutMutation;
import io.tidemark.proto.v1.RowCondition;
import io.tidemark.proto.v1.StoreSettings;
import io.tidemark.proto.v1.TableSettings;
import io.tidemark.proto.v1.Value;
import io.tidemark.store.RowName;
import io.tidemark.store.StoredRow;
import io.tidemark.store.proto.v1.Command;
import io.tidemark.store.proto.v1.CreateTableCommand;
import io.tidemark.store.proto.v1.DropTableCommand;
import io.tidemark.store.proto.v1.Entry;
import io.tidemark.store.proto.v1.RequestIdentity;
import io.tidemark.store.proto.v1.WriteCommand;
import io.tidemark.store.validate.SettingsRules;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** A store of one table "t" for tests, and words to write entries with. Time is seconds, moved by hand. */
final class TestStore {

    final InMemoryState state;
    final Transition transition;
    long seconds = 1_000;
    private int requests;

    TestStore() {
        this(SettingsRules.defaults());
    }

    TestStore(StoreSettings settings) {
        this(settings, new Transition());
    }

    TestStore(StoreSettings settings, Transition transition) {
        this.state = new InMemoryState(settings);
        this.transition = transition;
        run(createTable("t", TableSettings.getDefaultInstance()));
    }

    /** Applies one entry and gives the result of its last command. */
    CommandResult run(Command... commands) {
        Applied applied = transition.apply(state, entry(commands));
        state.apply(applied);
        return applied.results().get(commands.length - 1);
    }

    Outcome commit(Mutation... mutations) {
        return run(write(mutations)).outcome();
    }

    @Nullable StoredRow row(String key) {
        return state.row(new RowName("t", key));
    }

    String text(String key) {
        return requireNonNull(row(key), key).value().toStringUtf8();
    }

    long lastIndex() {
        return state.counters().lastIndex();
    }

    Entry entry(Command... commands) {
        return Entry.newBuilder()
                .setTransitionVersion(1)
                .setLeaderTime(Timestamp.newBuilder().setSeconds(seconds))
                .addAllCommands(Arrays.asList(commands))
                .build();
    }

    RequestIdentity identity() {
        return identity("request-" + requests++, state.counters().lastIndex());
    }

    static RequestIdentity identity(String id, long firstSentIndex) {
        return RequestIdentity.newBuilder()
                .setRequestId(id)
                .setFirstSentIndex(firstSentIndex)
                .build();
    }

    Command write(Mutation... mutations) {
        return write(identity(), CommitRequest.newBuilder().addAllMutations(Arrays.asList(mutations)));
    }

    static Command write(RequestIdentity identity, CommitRequest.Builder commit) {
        return Command.newBuilder()
                .setWrite(WriteCommand.newBuilder().setIdentity(identity).setCommit(commit))
                .build();
    }

    Command createTable(String table, TableSettings settings) {
        return Command.newBuilder()
                .setCreateTable(CreateTableCommand.newBuilder()
                        .setIdentity(identity())
                        .setRequest(
                                CreateTableRequest.newBuilder().setTable(table).setSettings(settings)))
                .build();
    }

    Command dropTable(String table) {
        return Command.newBuilder()
                .setDropTable(DropTableCommand.newBuilder()
                        .setIdentity(identity())
                        .setRequest(DropTableRequest.newBuilder().setTable(table)))
                .build();
    }

    static Value value(String text) {
        return Value.newBuilder()
                .setBytes(ByteString.copyFromUtf8(text))
                .setContentType("text/plain")
                .build();
    }

    static Mutation put(String key, String text) {
        return put(PutMutation.newBuilder().setKey(key).setValue(value(text)));
    }

    static Mutation put(String key, String text, Expiry.Builder expiry) {
        return put(PutMutation.newBuilder().setKey(key).setValue(value(text)).setExpiry(expiry));
    }

    private static Mutation put(PutMutation.Builder put) {
        return Mutation.newBuilder().setTable("t").setPut(put).build();
    }

    static Mutation delete(String key) {
        return Mutation.newBuilder()
                .setTable("t")
                .setDelete(DeleteMutation.newBuilder().setKey(key))
                .build();
    }

    static Mutation deleteRange(KeyRange.Builder range, int limit) {
        DeleteRangeMutation.Builder deleteRange =
                DeleteRangeMutation.newBuilder().setRange(range);
        if (limit > 0) {
            deleteRange.setLimit(limit);
        }
        return Mutation.newBuilder().setTable("t").setDeleteRange(deleteRange).build();
    }

    static Mutation patch(String key, String patch) {
        return Mutation.newBuilder()
                .setTable("t")
                .setPatch(PatchMutation.newBuilder().setKey(key).setPatch(value(patch)))
                .build();
    }

    static Mutation increment(String key, long delta, long initial) {
        return Mutation.newBuilder()
                .setTable("t")
                .setIncrement(IncrementMutation.newBuilder()
                        .setKey(key)
                        .setDelta(delta)
                        .setInitial(initial))
                .build();
    }

    static Condition condition(String key, RowCondition.Builder condition) {
        return Condition.newBuilder()
                .setTable("t")
                .setKey(key)
                .setCondition(condition)
                .build();
    }

    static @Nullable ErrorReason reason(Outcome outcome) {
        return outcome instanceof Outcome.Refused refused ? refused.refusal().reason() : null;
    }
}
