// SPDX-License-Identifier: Apache-2.0
package io.tidemark.node.maintenance;

import io.grpc.stub.StreamObserver;
import io.tidemark.node.registry.DrainWatcher;
import io.tidemark.node.registry.Registrar;
import io.tidemark.proto.v1.DrainReplicaResponse;
import io.tidemark.proto.v1.Progress;
import io.tidemark.proto.v1.Replica;
import io.tidemark.proto.v1.ShardRange;

/** Tells a caller how a replica hands its shards over. Guarded by its monitor. */
final class ReplicaDrain implements DrainWatcher {

    private final ProgressStream<DrainReplicaResponse> stream;
    private long most;
    private long served = -1;

    private ReplicaDrain(ProgressStream<DrainReplicaResponse> stream) {
        this.stream = stream;
    }

    /** To be called by the method that received the call. */
    static void run(Registrar registrar, String replicaId, StreamObserver<DrainReplicaResponse> caller) {
        ProgressStream<DrainReplicaResponse> stream = ProgressStream.to(
                caller,
                now -> DrainReplicaResponse.newBuilder().setProgress(now).build());
        ReplicaDrain drain = new ReplicaDrain(stream);
        stream.run(() -> registrar.drain(replicaId, drain), replica -> stream.end(drain.message(replica)));
    }

    @Override
    public synchronized void draining(Replica replica) {
        long before = served;
        DrainReplicaResponse message = message(replica);
        if (served != before) {
            stream.send(message);
        }
    }

    private synchronized DrainReplicaResponse message(Replica replica) {
        served = 0;
        for (ShardRange range : replica.getServing().getRangesList()) {
            served += range.getLast() - range.getFirst() + 1;
        }
        most = Math.max(most, served);
        return DrainReplicaResponse.newBuilder()
                .setProgress(Progress.newBuilder()
                        .setStage(served == 0 ? "serves nothing" : "handing shards over")
                        .setDone(most - served)
                        .setTotal(most)
                        .setUnit("shards"))
                .setReplica(replica)
                .build();
    }

    @Override
    public boolean isGone() {
        return stream.isGone();
    }
}
