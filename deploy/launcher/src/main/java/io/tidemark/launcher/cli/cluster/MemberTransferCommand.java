// SPDX-License-Identifier: Apache-2.0
package io.tidemark.launcher.cli.cluster;

import io.tidemark.launcher.cli.ServerConnection;
import io.tidemark.proto.v1.MaintenanceGrpc;
import io.tidemark.proto.v1.TransferLeadershipRequest;
import io.tidemark.proto.v1.TransferLeadershipResponse;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

@Command(
        name = "transfer",
        description =
                "Hands leadership over, as before the leader is stopped for maintenance. Writes pause for about a round trip.",
        footer = {"  tidemark member transfer", "  tidemark member transfer n2"})
public final class MemberTransferCommand extends MemberChangeCommand {

    @Parameters(
            arity = "0..1",
            paramLabel = "ID",
            description = "The node that is to lead; else whichever is furthest.")
    private @Nullable String node;

    @Override
    String change(MaintenanceGrpc.MaintenanceBlockingStub cluster, ServerConnection connection) {
        TransferLeadershipRequest.Builder request = TransferLeadershipRequest.newBuilder();
        if (node != null) {
            request.setNodeId(node);
        }
        TransferLeadershipResponse done = cluster.transferLeadership(request.build());
        return done.getLeaderId() + " leads, in term " + done.getTerm();
    }
}
