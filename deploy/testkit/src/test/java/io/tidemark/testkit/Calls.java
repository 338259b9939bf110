// SPDX-License-Identifier: Apache-2.0
package io.tidemark.testkit;

import com.google.protobuf.util.Durations;
import io.grpc.ManagedChannel;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.tidemark.proto.v1.CommitRequest;
import io.tidemark.proto.v1.CommitResponse;
import io.tidemark.proto.v1.GetRequest;
import io.tidemark.proto.v1.GetResponse;
import io.tidemark.proto.v1.KeyValueGrpc;
import io.tidemark.proto.v1.KeyValueGrpc.KeyValueBlockingStub;
import io.tidemark.proto.v1.Mutation;
import io.tidemark.proto.v1.PutMutation;
import io.tidemark.proto.v1.PutRequest;
import io.tidemark.proto.v1.PutResponse;
import io.tidemark.proto.v1.ReadOptions;
import io.tidemark.proto.v1.Strength;
import io.tidemark.proto.v1.Value;
import io.tidemark.proto.v1.ValueForm;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** Plain gRPC to one server. */
record Calls(ManagedChannel channel) implements AutoCloseable {

    static Calls to(String endpoint) {
        return new Calls(NettyChannelBuilder.forTarget(endpoint).usePlaintext().build());
    }

    private KeyValueBlockingStub stub() {
        return KeyValueGrpc.newBlockingStub(channel).withWaitForReady().withDeadlineAfter(30, TimeUnit.SECONDS);
    }

    PutResponse put(String key, String value) {
        return stub().put(PutRequest.newBuilder()
                .setTable("t")
                .setKey(key)
                .setValue(Value.newBuilder().setText(value))
                .build());
    }

    /** Rows with these keys' prefix and a number each, in one commit. */
    void putMany(String prefix, int count) {
        CommitRequest.Builder request = CommitRequest.newBuilder();
        for (int i = 0; i < count; i++) {
            request.addMutations(Mutation.newBuilder()
                    .setTable("t")
                    .setPut(PutMutation.newBuilder()
                            .setKey(prefix + i)
                            .setValue(Value.newBuilder().setText("x"))));
        }
        CommitResponse unused = stub().commit(request.build());
    }

    /** What this server has applied. */
    GetResponse eventual(String key) {
        return get(key, ReadOptions.newBuilder().setStrength(Strength.STRENGTH_EVENTUAL));
    }

    /** Fails at once where the server cannot prove it. */
    GetResponse noStalerThan(Duration bound, String key) {
        return get(
                key,
                ReadOptions.newBuilder()
                        .setMaxStaleness(Durations.fromNanos(bound.toNanos()))
                        .setMaxWait(Durations.ZERO));
    }

    private GetResponse get(String key, ReadOptions.Builder ask) {
        return stub().get(GetRequest.newBuilder()
                .setTable("t")
                .setKey(key)
                .setValueForm(ValueForm.VALUE_FORM_TEXT)
                .setReadOptions(ask)
                .build());
    }

    @Override
    public void close() {
        ManagedChannel unused = channel.shutdownNow();
    }
}
