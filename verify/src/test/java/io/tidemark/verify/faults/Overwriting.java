// SPDX-License-Identifier: Apache-2.0
package io.tidemark.verify.faults;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.ManagedChannel;
import io.tidemark.proto.v1.BatchWriteRequest;
import io.tidemark.proto.v1.BatchWriteResponse;
import io.tidemark.proto.v1.BatchWriteResult;
import io.tidemark.proto.v1.CommitRequest;
import io.tidemark.proto.v1.KeyValueGrpc;
import io.tidemark.proto.v1.Mutation;
import io.tidemark.proto.v1.PutMutation;
import io.tidemark.proto.v1.Value;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * Writes few rows over and over, many by one call.
 *
 * @param rows how many there are
 * @param valueBytes how large their values are, at least
 */
record Overwriting(ManagedChannel channel, int rows, int valueBytes, Duration timeout) {

    /** Those that are due from a number on, and gives the index that the server has then. */
    long write(int first, int count) {
        String filling = "x".repeat(valueBytes);
        BatchWriteRequest.Builder batch = BatchWriteRequest.newBuilder();
        for (int i = first; i < first + count; i++) {
            batch.addWrites(CommitRequest.newBuilder()
                    .addMutations(Mutation.newBuilder()
                            .setTable("t")
                            .setPut(PutMutation.newBuilder()
                                    .setKey("k" + i % rows)
                                    .setValue(Value.newBuilder().setText(filling + i)))));
        }
        BatchWriteResponse response = KeyValueGrpc.newBlockingStub(channel)
                .withDeadlineAfter(timeout.toSeconds(), TimeUnit.SECONDS)
                .batchWrite(batch.build());
        assertThat(response.getResultsList()).allMatch(BatchWriteResult::hasCommit);
        return response.getHeader().getReadIndex();
    }
}
