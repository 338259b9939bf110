// SPDX-License-Identifier: Apache-2.0
package io.tidemark.store.transition;

import io.tidemark.store.proto.v1.Command;
import io.tidemark.store.proto.v1.DrainReplicaCommand;
import io.tidemark.store.proto.v1.RegisterReplicaCommand;
import io.tidemark.store.proto.v1.RemoveReplicaCommand;
import io.tidemark.store.proto.v1.ReplicaRecord;
import io.tidemark.store.proto.v1.ReplicasFoundCommand;
import io.tidemark.store.proto.v1.ReplicasLostCommand;
import io.tidemark.store.proto.v1.ResumeReplicaCommand;
import io.tidemark.store.proto.v1.SeenReplica;
import java.util.SplittableRandom;

/** Commands for the registry of replicas: few ids, disks and addresses, so that they meet; decisions that come late. */
final class RandomRegistry {

    private RandomRegistry() {}

    static Command command(SplittableRandom random, Registry registry) {
        Command.Builder command = Command.newBuilder();
        return switch (random.nextInt(10)) {
            case 0 ->
                command.setDrainReplica(DrainReplicaCommand.newBuilder().setReplicaId(id(random)))
                        .build();
            case 1 ->
                command.setResumeReplica(ResumeReplicaCommand.newBuilder().setReplicaId(id(random)))
                        .build();
            case 2, 3 -> {
                ReplicasLostCommand.Builder lost = ReplicasLostCommand.newBuilder();
                for (int i = random.nextInt(3); i >= 0; i--) {
                    lost.addReplicas(seen(random, registry));
                }
                yield command.setReplicasLost(lost).build();
            }
            case 4 ->
                command.setReplicasFound(ReplicasFoundCommand.newBuilder().addReplicas(seen(random, registry)))
                        .build();
            case 5 ->
                command.setRemoveReplica(RemoveReplicaCommand.newBuilder().setReplica(seen(random, registry)))
                        .build();
            default ->
                command.setRegisterReplica(RegisterReplicaCommand.newBuilder().setReplica(replica(random)))
                        .build();
        };
    }

    private static ReplicaRecord replica(SplittableRandom random) {
        return ReplicaRecord.newBuilder()
                .setReplicaId(random.nextInt(12) == 0 ? "R 1" : id(random))
                .setDiskId("disk-" + random.nextInt(2))
                .setZone(random.nextInt(3) == 0 ? "" : "a")
                .setWeight(random.nextInt(12) == 0 ? 0 : 100)
                .setClientAddress("host:" + random.nextInt(2))
                .setInternalAddress("host:1")
                .build();
    }

    private static SeenReplica seen(SplittableRandom random, Registry registry) {
        String id = id(random);
        ReplicaRecord known = registry.get(id);
        long registration = known == null ? 1 : known.getRegistration();
        return SeenReplica.newBuilder()
                .setReplicaId(id)
                .setRegistration(registration - (random.nextInt(4) == 0 ? 1 : 0))
                .build();
    }

    private static String id(SplittableRandom random) {
        return "r" + random.nextInt(4);
    }
}
