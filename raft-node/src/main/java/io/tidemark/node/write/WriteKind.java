// SPDX-License-Identifier: Apache-2.0
package io.tidemark.node.write;

import com.google.protobuf.Message;
import io.grpc.MethodDescriptor;
import io.tidemark.proto.v1.ClusterGrpc;
import io.tidemark.proto.v1.CommitRequest;
import io.tidemark.proto.v1.CommitResponse;
import io.tidemark.proto.v1.CreateTableRequest;
import io.tidemark.proto.v1.CreateTableResponse;
import io.tidemark.proto.v1.DeleteRequest;
import io.tidemark.proto.v1.DeleteResponse;
import io.tidemark.proto.v1.DropTableRequest;
import io.tidemark.proto.v1.DropTableResponse;
import io.tidemark.proto.v1.KeyValueGrpc;
import io.tidemark.proto.v1.PatchRequest;
import io.tidemark.proto.v1.PatchResponse;
import io.tidemark.proto.v1.PutRequest;
import io.tidemark.proto.v1.PutResponse;
import io.tidemark.proto.v1.StoreSettings;
import io.tidemark.proto.v1.UpdateTableRequest;
import io.tidemark.proto.v1.UpdateTableResponse;
import io.tidemark.proto.v1.WriteOptions;
import io.tidemark.store.proto.v1.Command;
import io.tidemark.store.proto.v1.CreateTableCommand;
import io.tidemark.store.proto.v1.DropTableCommand;
import io.tidemark.store.proto.v1.RequestIdentity;
import io.tidemark.store.proto.v1.UpdateTableCommand;
import io.tidemark.store.proto.v1.WriteCommand;
import io.tidemark.store.state.Store;
import io.tidemark.store.validate.NameRules;
import io.tidemark.store.validate.Normalizer;
import io.tidemark.store.validate.TableRules;
import java.util.function.Function;

/**
 * What is peculiar to one kind of write.
 *
 * @param method by which it is passed on
 * @param options what the request carries beside its content
 * @param withOptions the request with others
 * @param command the command for the log; throws what is wrong with the request
 * @param answer the answer to an outcome, or the error that it is for the caller, thrown
 */
record WriteKind<Q extends Message, A>(
        MethodDescriptor<Q, A> method,
        Function<Q, WriteOptions> options,
        WithOptions<Q> withOptions,
        Commanding<Q> command,
        Answering<Q, A> answer) {

    interface WithOptions<Q> {
        Q of(Q request, WriteOptions options);
    }

    interface Commanding<Q> {
        Command of(Q request, RequestIdentity identity, StoreSettings settings);
    }

    interface Answering<Q, A> {
        A of(Answers answers, Store store, Q request, Judged judged, Room room);
    }

    static final WriteKind<PutRequest, PutResponse> PUT = new WriteKind<>(
            KeyValueGrpc.getPutMethod(),
            PutRequest::getWriteOptions,
            (request, options) -> request.toBuilder().setWriteOptions(options).build(),
            (request, identity, settings) -> write(identity, Normalizer.put(request, settings)),
            Answers::put);

    static final WriteKind<DeleteRequest, DeleteResponse> DELETE = new WriteKind<>(
            KeyValueGrpc.getDeleteMethod(),
            DeleteRequest::getWriteOptions,
            (request, options) -> request.toBuilder().setWriteOptions(options).build(),
            (request, identity, settings) -> write(identity, Normalizer.delete(request, settings)),
            Answers::delete);

    static final WriteKind<PatchRequest, PatchResponse> PATCH = new WriteKind<>(
            KeyValueGrpc.getPatchMethod(),
            PatchRequest::getWriteOptions,
            (request, options) -> request.toBuilder().setWriteOptions(options).build(),
            (request, identity, settings) -> write(identity, Normalizer.patch(request, settings)),
            Answers::patch);

    static final WriteKind<CommitRequest, CommitResponse> COMMIT = new WriteKind<>(
            KeyValueGrpc.getCommitMethod(),
            CommitRequest::getWriteOptions,
            (request, options) -> request.toBuilder().setWriteOptions(options).build(),
            (request, identity, settings) -> write(identity, Normalizer.commit(request, settings)),
            Answers::commit);

    static final WriteKind<CreateTableRequest, CreateTableResponse> CREATE_TABLE = new WriteKind<>(
            ClusterGrpc.getCreateTableMethod(),
            CreateTableRequest::getWriteOptions,
            (request, options) -> request.toBuilder().setWriteOptions(options).build(),
            (request, identity, settings) -> {
                NameRules.requireTable("table", request.getTable());
                TableRules.requireSettings(request.getSettings());
                return Command.newBuilder()
                        .setCreateTable(CreateTableCommand.newBuilder()
                                .setIdentity(identity)
                                .setRequest(request.toBuilder().clearWriteOptions()))
                        .build();
            },
            (answers, store, request, judged, room) -> {
                Answers.TableAnswer made = answers.table(store, judged);
                return CreateTableResponse.newBuilder()
                        .setHeader(made.header())
                        .setTable(made.table())
                        .setReplayed(made.isReplayed())
                        .build();
            });

    static final WriteKind<UpdateTableRequest, UpdateTableResponse> UPDATE_TABLE = new WriteKind<>(
            ClusterGrpc.getUpdateTableMethod(),
            UpdateTableRequest::getWriteOptions,
            (request, options) -> request.toBuilder().setWriteOptions(options).build(),
            (request, identity, settings) -> {
                NameRules.requireTable("table", request.getTable());
                return Command.newBuilder()
                        .setUpdateTable(UpdateTableCommand.newBuilder()
                                .setIdentity(identity)
                                .setRequest(request.toBuilder().clearWriteOptions()))
                        .build();
            },
            (answers, store, request, judged, room) -> {
                Answers.TableAnswer changed = answers.table(store, judged);
                return UpdateTableResponse.newBuilder()
                        .setHeader(changed.header())
                        .setTable(changed.table())
                        .setReplayed(changed.isReplayed())
                        .build();
            });

    static final WriteKind<DropTableRequest, DropTableResponse> DROP_TABLE = new WriteKind<>(
            ClusterGrpc.getDropTableMethod(),
            DropTableRequest::getWriteOptions,
            (request, options) -> request.toBuilder().setWriteOptions(options).build(),
            (request, identity, settings) -> {
                NameRules.requireTable("table", request.getTable());
                return Command.newBuilder()
                        .setDropTable(DropTableCommand.newBuilder()
                                .setIdentity(identity)
                                .setRequest(request.toBuilder().clearWriteOptions()))
                        .build();
            },
            (answers, store, request, judged, room) -> answers.drop(store, judged));

    private static Command write(RequestIdentity identity, CommitRequest commit) {
        return Command.newBuilder()
                .setWrite(WriteCommand.newBuilder().setIdentity(identity).setCommit(commit))
                .build();
    }
}
