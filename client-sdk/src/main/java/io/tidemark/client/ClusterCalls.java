// SPDX-License-Identifier: Apache-2.0
package io.tidemark.client;

import com.google.protobuf.FieldMask;
import io.grpc.MethodDescriptor;
import io.tidemark.client.internal.call.Begun;
import io.tidemark.client.internal.call.Calls;
import io.tidemark.client.internal.call.Stages;
import io.tidemark.client.internal.dispatch.Answer;
import io.tidemark.client.internal.dispatch.CallContext;
import io.tidemark.client.internal.dispatch.Target;
import io.tidemark.client.internal.session.Seen;
import io.tidemark.client.internal.wire.Names;
import io.tidemark.client.internal.wire.Views;
import io.tidemark.client.internal.wire.Writes;
import io.tidemark.proto.v1.ClusterGrpc;
import io.tidemark.proto.v1.CreateTableRequest;
import io.tidemark.proto.v1.DropTableRequest;
import io.tidemark.proto.v1.GetStatusRequest;
import io.tidemark.proto.v1.GetStatusResponse;
import io.tidemark.proto.v1.GetTableRequest;
import io.tidemark.proto.v1.GetTableResponse;
import io.tidemark.proto.v1.GetTopologyRequest;
import io.tidemark.proto.v1.GetTopologyResponse;
import io.tidemark.proto.v1.ListTablesRequest;
import io.tidemark.proto.v1.ListTablesResponse;
import io.tidemark.proto.v1.MaintenanceGrpc;
import io.tidemark.proto.v1.ResponseHeader;
import io.tidemark.proto.v1.UpdateTableRequest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The calls about a cluster and its tables, for {@link Cluster}, {@link Tables} and their asynchronous twins.
 *
 * @param deadline of each; null: the client's
 */
record ClusterCalls(Calls calls, Session session, @Nullable Duration deadline) {

    private static final FieldMask ALL_SETTINGS = FieldMask.newBuilder()
            .addPaths("default_ttl")
            .addPaths("http_cache_age")
            .addPaths("max_value_bytes")
            .build();

    ClusterCalls withDeadline(Duration each) {
        Durations.requirePositive("deadline", each);
        return new ClusterCalls(calls, session, each);
    }

    Call<Answer<GetTopologyResponse>, Topology> topology() {
        return read(
                "topology",
                ClusterGrpc.getGetTopologyMethod(),
                GetTopologyRequest.getDefaultInstance(),
                answer -> Views.topology(answer.getTopology()));
    }

    Call<Answer<GetStatusResponse>, ServerStatus> status(String serverId) {
        return read(
                "status",
                MaintenanceGrpc.getGetStatusMethod(),
                GetStatusRequest.newBuilder().setServerId(serverId).build(),
                Views::status);
    }

    Call<Answer<GetTableResponse>, TableInfo> table(String name) {
        return read(
                "get_table",
                ClusterGrpc.getGetTableMethod(),
                GetTableRequest.newBuilder().setTable(Names.requireTable(name)).build(),
                answer -> Views.table(answer.getTable()));
    }

    Call<List<TableInfo>, List<TableInfo>> tables() {
        Begun begun = calls.begin("list_tables", deadline);
        return Call.read(begun, begun.handOver(() -> page(new ArrayList<>(), "", begun.context())), List::copyOf);
    }

    private CompletableFuture<List<TableInfo>> page(List<TableInfo> before, String token, CallContext context) {
        ListTablesRequest request =
                ListTablesRequest.newBuilder().setPageToken(token).build();
        return Stages.then(
                calls.dispatcher().call(ClusterGrpc.getListTablesMethod(), request, new Target.Anyone(), context),
                answer -> {
                    ListTablesResponse message = answer.message();
                    message.getTablesList().forEach(table -> before.add(Views.table(table)));
                    return message.hasNextPageToken()
                            ? page(before, message.getNextPageToken(), context)
                            : CompletableFuture.completedFuture(before);
                });
    }

    Call<?, TableInfo> create(String name, TableSettings settings) {
        Seen seen = session.seen();
        CreateTableRequest request = CreateTableRequest.newBuilder()
                .setTable(Names.requireTable(name))
                .setSettings(Views.settings(settings))
                .build();
        return write(
                "create_table",
                ClusterGrpc.getCreateTableMethod(),
                options -> request.toBuilder().setWriteOptions(options).build(),
                seen,
                answer -> answer.getHeader(),
                answer -> Views.table(answer.getTable()));
    }

    /** Only if nobody else has changed it since. */
    Call<?, TableInfo> update(TableInfo before, TableSettings settings) {
        Seen seen = session.seen();
        UpdateTableRequest request = UpdateTableRequest.newBuilder()
                .setTable(before.name())
                .setSettings(Views.settings(settings))
                .setUpdateMask(ALL_SETTINGS)
                .setIfModifiedIndex(before.modifiedIndex())
                .build();
        return write(
                "update_table",
                ClusterGrpc.getUpdateTableMethod(),
                options -> request.toBuilder().setWriteOptions(options).build(),
                seen,
                answer -> answer.getHeader(),
                answer -> Views.table(answer.getTable()));
    }

    Call<?, Long> drop(String name) {
        Seen seen = session.seen();
        DropTableRequest request =
                DropTableRequest.newBuilder().setTable(Names.requireTable(name)).build();
        return write(
                "drop_table",
                ClusterGrpc.getDropTableMethod(),
                options -> request.toBuilder().setWriteOptions(options).build(),
                seen,
                answer -> answer.getHeader(),
                answer -> answer.getIndex());
    }

    private <Q, A, T> Call<Answer<A>, T> read(
            String name, MethodDescriptor<Q, A> method, Q request, Function<A, T> result) {
        Begun begun = calls.begin(name, deadline);
        return Call.read(
                begun,
                begun.handOver(() -> calls.dispatcher().call(method, request, new Target.Anyone(), begun.context())),
                answer -> result.apply(answer.message()));
    }

    /** The session sees it, so that its reads find the table as it is now. */
    private <Q, A, T> Call<Answer<A>, T> write(
            String name,
            MethodDescriptor<Q, A> method,
            Function<io.tidemark.proto.v1.WriteOptions, Q> named,
            Seen seen,
            Function<A, ResponseHeader> header,
            Function<A, T> result) {
        Begun begun = calls.begin(name, deadline);
        io.tidemark.proto.v1.WriteOptions writing = Writes.options(WriteOptions.defaults(), seen.historyId());
        CompletableFuture<Answer<A>> sent =
                begun.handOver(() -> calls.dispatcher().write(method, writing, named, begun.context()));
        return Call.write(begun, sent, answer -> {
            ResponseHeader proto = header.apply(answer.message());
            Header unused = calls.wrote(answer, proto, proto.getReadIndex(), seen, begun);
            return result.apply(answer.message());
        });
    }
}
