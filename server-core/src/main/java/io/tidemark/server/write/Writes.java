// SPDX-License-Identifier: Apache-2.0
package io.tidemark.server.write;

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
import java.util.concurrent.CompletableFuture;

/**
 * Carries writes out, here or by passing them on. Called on the thread that received the call, with its gRPC context, so it must
 * not block. What is wrong is thrown, or fails the future, as a {@code StatusRuntimeException} that the caller is given as it is.
 */
public interface Writes {

    CompletableFuture<PutResponse> put(PutRequest request);

    CompletableFuture<DeleteResponse> delete(DeleteRequest request);

    CompletableFuture<PatchResponse> patch(PatchRequest request);

    CompletableFuture<CommitResponse> commit(CommitRequest request);

    CompletableFuture<BatchWriteResponse> batchWrite(BatchWriteRequest request);

    CompletableFuture<CreateTableResponse> createTable(CreateTableRequest request);

    CompletableFuture<UpdateTableResponse> updateTable(UpdateTableRequest request);

    CompletableFuture<DropTableResponse> dropTable(DropTableRequest request);
}
