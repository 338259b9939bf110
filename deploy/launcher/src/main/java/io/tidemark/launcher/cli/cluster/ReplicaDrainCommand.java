// SPDX-License-Identifier: Apache-2.0
package io.tidemark.launcher.cli.cluster;

import io.tidemark.launcher.cli.Progress;
import io.tidemark.launcher.cli.ServerConnection;
import io.tidemark.proto.v1.DrainReplicaRequest;
import io.tidemark.proto.v1.DrainReplicaResponse;
import io.tidemark.proto.v1.MaintenanceGrpc;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

@Command(
        name = "drain",
        description = {
            "Has a replica hand its shards over, and ends when it serves none. The drain goes on if this is interrupted, and outlives restarts,",
            "until the replica is resumed or removed."
        },
        footer = {"  tidemark replica drain r3"})
public final class ReplicaDrainCommand extends MemberChangeCommand {

    @Parameters(paramLabel = "ID", description = "The replica.")
    private String replica = "";

    @Override
    String change(MaintenanceGrpc.MaintenanceBlockingStub cluster, ServerConnection connection) {
        DrainReplicaRequest request =
                DrainReplicaRequest.newBuilder().setReplicaId(replica).build();
        DrainReplicaResponse unused = ProgressStream.follow(
                cluster.drainReplica(request),
                new Progress(streams()),
                DrainReplicaResponse::getProgress,
                message -> {});
        return "drained " + replica + ": it serves nothing and can be stopped";
    }
}
