// SPDX-License-Identifier: Apache-2.0
package io.tidemark.launcher.cli.cluster;

import io.tidemark.launcher.cli.ServerConnection;
import io.tidemark.proto.v1.MaintenanceGrpc;
import io.tidemark.proto.v1.RemoveReplicaRequest;
import io.tidemark.proto.v1.RemoveReplicaResponse;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

@Command(
        name = "remove",
        description =
                "Forgets a replica that will not come back. Refused while it is heard of: drain it and stop it first.",
        footer = {"  tidemark replica remove r3"})
public final class ReplicaRemoveCommand extends MemberChangeCommand {

    @Parameters(paramLabel = "ID", description = "The replica.")
    private String replica = "";

    @Override
    String change(MaintenanceGrpc.MaintenanceBlockingStub cluster, ServerConnection connection) {
        RemoveReplicaResponse unused = cluster.withDeadlineAfter(connection.timeoutNanos(), TimeUnit.NANOSECONDS)
                .removeReplica(
                        RemoveReplicaRequest.newBuilder().setReplicaId(replica).build());
        return "removed " + replica;
    }
}
