// SPDX-License-Identifier: Apache-2.0
package io.tidemark.launcher.cli.cluster;

import io.tidemark.launcher.cli.Progress;
import io.tidemark.launcher.cli.ServerConnection;
import io.tidemark.proto.v1.MaintenanceGrpc;
import io.tidemark.proto.v1.RemoveNodeRequest;
import io.tidemark.proto.v1.RemoveNodeResponse;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

@Command(
        name = "remove",
        description =
                "Takes a node out for good. Refused if those that remain could not work. Its id is never used again.",
        footer = {"  tidemark member remove n4"})
public final class MemberRemoveCommand extends MemberChangeCommand {

    @Parameters(paramLabel = "ID", description = "The node.")
    private String node = "";

    @Override
    String change(MaintenanceGrpc.MaintenanceBlockingStub cluster, ServerConnection connection) {
        RemoveNodeRequest request =
                RemoveNodeRequest.newBuilder().setNodeId(node).build();
        RemoveNodeResponse unused = ProgressStream.follow(
                cluster.removeNode(request), new Progress(streams()), RemoveNodeResponse::getProgress, message -> {});
        return "removed " + node + ": stop it, if it runs";
    }
}
