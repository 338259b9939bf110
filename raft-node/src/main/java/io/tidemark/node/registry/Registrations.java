// SPDX-License-Identifier: Apache-2.0
package io.tidemark.node.registry;

import io.tidemark.proto.v1.FeedHello;
import io.tidemark.store.proto.v1.ReplicaRecord;
import io.tidemark.store.proto.v1.SeenReplica;

/** Registrations as hellos ask for them, and as decisions name them. */
final class Registrations {

    /** Of a replica that says nothing of it. */
    private static final int WEIGHT_DEFAULT = 100;

    private Registrations() {}

    static ReplicaRecord of(FeedHello hello) {
        return ReplicaRecord.newBuilder()
                .setReplicaId(hello.getSubscriberId())
                .setDiskId(hello.getDiskId())
                .setZone(hello.getZone())
                .setWeight(hello.getWeight() == 0 ? WEIGHT_DEFAULT : hello.getWeight())
                .setClientAddress(hello.getClientAddress())
                .setInternalAddress(hello.getInternalAddress())
                .build();
    }

    /** Whether a replica says of itself what is known, whatever others decided of it. */
    static boolean isSame(ReplicaRecord known, ReplicaRecord said) {
        return known.toBuilder()
                .clearRegistration()
                .clearDraining()
                .clearLost()
                .build()
                .equals(said);
    }

    static SeenReplica seen(ReplicaRecord replica) {
        return SeenReplica.newBuilder()
                .setReplicaId(replica.getReplicaId())
                .setRegistration(replica.getRegistration())
                .build();
    }
}
