// SPDX-License-Identifier: Apache-2.0
package io.tidemark.replica.serve;

import io.tidemark.proto.v1.BatchWriteRequest;
import io.tidemark.proto.v1.BatchWriteResponse;
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
import io.tidemark.proto.v1.UpdateTableRequest;
import io.tidemark.proto.v1.UpdateTableResponse;
import io.tidemark.replica.serve.PassingOn.Effect;
import io.tidemark.server.write.Writes;
import java.util.concurrent.CompletableFuture;

/** Every write goes to a raft node, whole and as it came. */
public record ForwardedWrites(PassingOn passingOn) implements Writes {

    @Override
    public CompletableFuture<PutResponse> put(PutRequest request) {
        return passingOn.unary(Effect.CHANGE, KeyValueGrpc.getPutMethod(), request);
    }

    @Override
    public CompletableFuture<DeleteResponse> delete(DeleteRequest request) {
        return passingOn.unary(Effect.CHANGE, KeyValueGrpc.getDeleteMethod(), request);
    }

    @Override
    public CompletableFuture<PatchResponse> patch(PatchRequest request) {
        return passingOn.unary(Effect.CHANGE, KeyValueGrpc.getPatchMethod(), request);
    }

    @Override
    public CompletableFuture<CommitResponse> commit(CommitRequest request) {
        return passingOn.unary(Effect.CHANGE, KeyValueGrpc.getCommitMethod(), request);
    }

    @Override
    public CompletableFuture<BatchWriteResponse> batchWrite(BatchWriteRequest request) {
        return passingOn.unary(Effect.CHANGE, KeyValueGrpc.getBatchWriteMethod(), request);
    }

    @Override
    public CompletableFuture<CreateTableResponse> createTable(CreateTableRequest request) {
        return passingOn.unary(Effect.CHANGE, ClusterGrpc.getCreateTableMethod(), request);
    }

    @Override
    public CompletableFuture<UpdateTableResponse> updateTable(UpdateTableRequest request) {
        return passingOn.unary(Effect.CHANGE, ClusterGrpc.getUpdateTableMethod(), request);
    }

    @Override
    public CompletableFuture<DropTableResponse> dropTable(DropTableRequest request) {
        return passingOn.unary(Effect.CHANGE, ClusterGrpc.getDropTableMethod(), request);
    }
}
