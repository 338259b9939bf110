// SPDX-License-Identifier: Apache-2.0
package io.tidemark.server.read;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.Timestamp;
import io.tidemark.api.HistoryId;
import io.tidemark.proto.v1.CommitRequest;
import io.tidemark.proto.v1.DeleteMutation;
import io.tidemark.proto.v1.DropTableRequest;
import io.tidemark.proto.v1.Mutation;
import io.tidemark.proto.v1.PutMutation;
import io.tidemark.proto.v1.ResponseHeader;
import io.tidemark.proto.v1.Value;
import io.tidemark.store.engine.Engine;
import io.tidemark.store.engine.MapDbEngine;
import io.tidemark.store.proto.v1.Command;
import io.tidemark.store.proto.v1.DropTableCommand;
import io.tidemark.store.proto.v1.Entry;
import io.tidemark.store.proto.v1.RequestIdentity;
import io.tidemark.store.proto.v1.WriteCommand;
import io.tidemark.store.state.Store;
import io.tidemark.store.state.StoreBirth;
import io.tidemark.store.state.StoreOptions;
import io.tidemark.store.transition.Applied;
import io.tidemark.store.transition.Outcome;
import io.tidemark.store.transition.Transition;
import io.tidemark.store.validate.SettingsRules;
import java.nio.file.Path;

/** A store that tests write to, rows of a table {@code t} above all. Log time goes on by a second with each entry. */
public class StoreRig implements AutoCloseable {

    public static final HistoryId HISTORY = new HistoryId("0123456789abcdef");

    private final Store store;
    private long seconds = 1000;

    /** On disk. */
    public StoreRig(Path directory) {
        this(create(MapDbEngine.open(directory, StoreOptions.defaults().engine()), HISTORY, StoreOptions.defaults()));
    }

    protected StoreRig(Store store) {
        this.store = store;
    }

    protected static Store create(Engine engine, HistoryId history, StoreOptions options) {
        return create(engine, history, options, SettingsRules.defaults().getShardCount());
    }

    protected static Store create(Engine engine, HistoryId history, StoreOptions options, int shardCount) {
        return Store.create(
                engine,
                StoreBirth.ofNewHistory(
                        history,
                        SettingsRules.defaults().toBuilder()
                                .setAutoCreateTables(true)
                                .setShardCount(shardCount)
                                .build()),
                options);
    }

    /** Of an answer from such a store. */
    public static ResponseHeader header(Store store) {
        return ResponseHeader.newBuilder()
                .setServedBy("s1")
                .setAppliedIndex(store.appliedIndex())
                .build();
    }

    public Store store() {
        return store;
    }

    /** One commit. */
    public void put(String key, String value) {
        put("t", key, ByteString.copyFromUtf8(value), "text/plain");
    }

    /** One commit. */
    public void put(String table, String key, ByteString value, String contentType) {
        mutate(Mutation.newBuilder()
                .setTable(table)
                .setPut(PutMutation.newBuilder()
                        .setKey(key)
                        .setValue(Value.newBuilder().setBytes(value).setContentType(contentType))));
    }

    /** One commit. */
    public void delete(String key) {
        mutate(Mutation.newBuilder()
                .setTable("t")
                .setDelete(DeleteMutation.newBuilder().setKey(key)));
    }

    private void mutate(Mutation.Builder mutation) {
        write(WriteCommand.newBuilder().setCommit(CommitRequest.newBuilder().addMutations(mutation)));
    }

    /** One commit, which must succeed. */
    public void write(WriteCommand.Builder write) {
        Applied applied = apply(Command.newBuilder().setWrite(write.setIdentity(identity(0))));
        assertThat(applied.results().get(0).outcome()).isInstanceOf(Outcome.Committed.class);
    }

    /** So many commits in one entry, to ten rows. */
    public void putMany(int count) {
        Command.Builder[] commands = new Command.Builder[count];
        for (int i = 0; i < count; i++) {
            PutMutation.Builder put = PutMutation.newBuilder()
                    .setKey("k" + i % 10)
                    .setValue(Value.newBuilder()
                            .setBytes(ByteString.copyFromUtf8("v" + i))
                            .setContentType("text/plain"));
            commands[i] = Command.newBuilder()
                    .setWrite(WriteCommand.newBuilder()
                            .setIdentity(identity(i))
                            .setCommit(CommitRequest.newBuilder()
                                    .addMutations(
                                            Mutation.newBuilder().setTable("t").setPut(put))));
        }
        assertThat(apply(commands).results()).allMatch(result -> result.outcome() instanceof Outcome.Committed);
    }

    /** From here on the table is being dropped. */
    public void drop(String table) {
        Applied unused = apply(Command.newBuilder()
                .setDropTable(DropTableCommand.newBuilder()
                        .setIdentity(identity(0))
                        .setRequest(DropTableRequest.newBuilder().setTable(table))));
    }

    /** @param number among those of the next entry */
    private RequestIdentity identity(int number) {
        return RequestIdentity.newBuilder()
                .setRequestId("r" + (seconds + 1) + "-" + number)
                .setFirstSentIndex(store.appliedIndex())
                .build();
    }

    /** One entry. */
    protected Applied apply(Command.Builder... commands) {
        seconds++;
        Entry.Builder entry = Entry.newBuilder()
                .setTransitionVersion(Transition.VERSION_FIRST)
                .setLeaderTime(Timestamp.newBuilder().setSeconds(seconds));
        for (Command.Builder command : commands) {
            entry.addCommands(command);
        }
        return store.apply(entry.build(), ByteString.EMPTY);
    }

    /** The log time that the last commit was stamped with. */
    public long seconds() {
        return seconds;
    }

    /** As if nobody had written for so long. */
    public void passSeconds(long passed) {
        seconds += passed;
    }

    @Override
    public void close() {
        store.close();
    }
}
