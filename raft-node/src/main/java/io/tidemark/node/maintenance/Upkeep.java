// SPDX-License-Identifier: Apache-2.0
package io.tidemark.node.maintenance;

import io.grpc.stub.StreamObserver;
import io.tidemark.api.HistoryId;
import io.tidemark.proto.v1.BackupRequest;
import io.tidemark.proto.v1.BackupResponse;
import io.tidemark.proto.v1.CreateCheckpointResponse;
import io.tidemark.proto.v1.GetDigestsRequest;
import io.tidemark.proto.v1.GetDigestsResponse;
import io.tidemark.proto.v1.GetStatusResponse;
import io.tidemark.proto.v1.ResponseHeader;
import io.tidemark.proto.v1.VerifyDigestsResponse;
import java.util.concurrent.CompletableFuture;

/** What this server itself can be asked for. No method waits. */
public interface Upkeep {

    /** Also while there is no store yet. */
    GetStatusResponse status();

    /** Of an answer for which no state was read. */
    ResponseHeader header();

    CompletableFuture<CreateCheckpointResponse> checkpoint();

    CompletableFuture<GetDigestsResponse> digests(GetDigestsRequest request);

    /** Recomputes this server's digests from disk; the last message has the index, and what was found. */
    void verifyFromDisk(StreamObserver<VerifyDigestsResponse> caller);

    void backup(BackupRequest request, StreamObserver<BackupResponse> caller);

    HistoryId history();

    /** The horizon after a commit that raises it. */
    CompletableFuture<Long> raiseHorizon(long horizon);
}
