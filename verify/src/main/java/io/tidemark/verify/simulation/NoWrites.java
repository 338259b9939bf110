// SPDX-License-Identifier: Apache-2.0
package io.tidemark.verify.simulation;

import io.tidemark.proto.v1.BatchWriteRequest;
import io.tidemark.proto.v1.BatchWriteResponse;
import io.tidemark.proto.v1.CommitRequest;
import io.tidemark.proto.v1.CommitResponse;
import io.tidemark.proto.v1.CreateTableRequest;
import io.tidemark.proto.v1.CreateTableResponse;
import io.tidemark.proto.v1.DeleteRequest;
import io.tidemark.proto.v1.DeleteResponse;
import io.tidemark.proto.v1.DropTableRequest;
import io.tidemark.proto.v1.DropTableResponse;
import io.tidemark.proto.v1.PatchRequest;
import io.tidemark.proto.v1.PatchResponse;
import io.tidemark.proto.v1.PutRequest;
import io.tidemark.proto.v1.PutResponse;
import io.tidemark.proto.v1.UpdateTableRequest;
import io.tidemark.proto.v1.UpdateTableResponse;
import io.tidemark.server.write.Writes;
import java.util.concurrent.CompletableFuture;

/** Writes go to the model of the consensus, not through the service that reads. */
final class NoWrites implements Writes {

    private static <T> CompletableFuture<T> none() {
        return CompletableFuture.failedFuture(new UnsupportedOperationException("writes are simulated elsewhere"));
    }

    @Override
    public CompletableFuture<PutResponse> put(PutRequest request) {
        return none();
    }

    @Override
    public CompletableFuture<DeleteResponse> delete(DeleteRequest request) {
        return none();
    }

    @Override
    public CompletableFuture<PatchResponse> patch(PatchRequest request) {
        return none();
    }

    @Override
    public CompletableFuture<CommitResponse> commit(CommitRequest request) {
        return none();
    }

    @Override
    public CompletableFuture<BatchWriteResponse> batchWrite(BatchWriteRequest request) {
        return none();
    }

    @Override
    public CompletableFuture<CreateTableResponse> createTable(CreateTableRequest request) {
        return none();
    }

    @Override
    public CompletableFuture<UpdateTableResponse> updateTable(UpdateTableRequest request) {
        return none();
    }

    @Override
    public CompletableFuture<DropTableResponse> dropTable(DropTableRequest request) {
        return none();
    }
}
