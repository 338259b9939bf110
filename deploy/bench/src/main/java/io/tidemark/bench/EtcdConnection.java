// SPDX-License-Identifier: Apache-2.0
package io.tidemark.bench;

import com.google.protobuf.ByteString;
import io.grpc.ManagedChannel;
import io.tidemark.bench.etcd.proto.KVGrpc;
import io.tidemark.bench.etcd.proto.MaintenanceGrpc;
import io.tidemark.bench.etcd.proto.PutRequest;
import io.tidemark.bench.etcd.proto.RangeRequest;
import io.tidemark.bench.etcd.proto.StatusRequest;
import io.tidemark.bench.etcd.proto.StatusResponse;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/** A channel to an etcd server. Bounded reads are not something that etcd has. */
public final class EtcdConnection implements Connection {

    private static final long SETUP_TIMEOUT_SECONDS = 30;

    private final ManagedChannel channel;
    private final Calls calls;
    private final boolean serializable;

    private EtcdConnection(ManagedChannel channel, boolean serializable, Duration timeout) {
        this.channel = channel;
        this.calls = new Calls(channel, timeout);
        this.serializable = serializable;
    }

    /** Connects. */
    public static EtcdConnection open(Endpoint endpoint, Consistency consistency, Duration timeout) {
        boolean serializable = switch (consistency) {
            case LINEARIZABLE -> false;
            case EVENTUAL -> true;
            case BOUNDED, SESSION ->
                throw new IllegalArgumentException(
                        "consistency: " + consistency.name().toLowerCase(Locale.ROOT)
                                + " (expected: linearizable or eventual; etcd has no such reads)");
        };
        return new EtcdConnection(endpoint.open(), serializable, timeout);
    }

    /** Whether the server that is asked leads. */
    public static boolean leads(Endpoint endpoint) {
        ManagedChannel channel = endpoint.open();
        try {
            StatusResponse status = MaintenanceGrpc.newBlockingStub(channel)
                    .withWaitForReady()
                    .withDeadlineAfter(SETUP_TIMEOUT_SECONDS, TimeUnit.SECONDS)
                    .status(StatusRequest.getDefaultInstance());
            return status.getLeader() == status.getHeader().getMemberId();
        } finally {
            channel.shutdownNow();
        }
    }

    @Override
    public void put(String key, ByteString value, Completion completion) {
        PutRequest request = PutRequest.newBuilder()
                .setKey(ByteString.copyFromUtf8(key))
                .setValue(value)
                .build();
        calls.call(KVGrpc.getPutMethod(), request, response -> true, completion);
    }

    @Override
    public void get(String key, Completion completion) {
        RangeRequest request = RangeRequest.newBuilder()
                .setKey(ByteString.copyFromUtf8(key))
                .setSerializable(serializable)
                .build();
        calls.call(KVGrpc.getRangeMethod(), request, response -> response.getKvsCount() > 0, completion);
    }

    @Override
    public void close() {
        channel.shutdownNow();
    }
}
