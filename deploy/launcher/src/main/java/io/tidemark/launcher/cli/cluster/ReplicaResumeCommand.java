// SPDX-License-Identifier: Apache-2.0
package io.tidemark.launcher.cli.cluster;

import io.tidemark.launcher.cli.ServerConnection;
import io.tidemark.proto.v1.MaintenanceGrpc;
import io.tidemark.proto.v1.ResumeReplicaRequest;
import io.tidemark.proto.v1.ResumeReplicaResponse;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

@Command(
        name = "resume",
        description = "Puts a drained replica back to work: it copies what is placed on it, and serves it.",
        footer = {"  tidemark replica resume r3"})
public final class ReplicaResumeCommand extends MemberChangeCommand {

    @Parameters(paramLabel = "ID", description = "The replica.")
    private String replica = "";

    @Override
    String change(MaintenanceGrpc.MaintenanceBlockingStub cluster, ServerConnection connection) {
        ResumeReplicaResponse done = cluster.withDeadlineAfter(connection.timeoutNanos(), TimeUnit.NANOSECONDS)
                .resumeReplica(
                        ResumeReplicaRequest.newBuilder().setReplicaId(replica).build());
        return "resumed " + replica + ": it is to serve "
                + TopologyForm.count(done.getReplica().getPlaced()) + " shards";
    }
}
