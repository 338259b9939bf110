// SPDX-License-Identifier: Apache-2.0
package io.tidemark.launcher.cli.cluster;

import io.tidemark.launcher.cli.Progress;
import io.tidemark.launcher.cli.ServerConnection;
import io.tidemark.proto.v1.AddNodeRequest;
import io.tidemark.proto.v1.AddNodeResponse;
import io.tidemark.proto.v1.MaintenanceGrpc;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "add",
        description = {
            "Adds a node that waits on an empty directory (tidemark node --cluster.start=join). It gets a checkpoint, then the log, and votes",
            "once it is level. Ends when it votes."
        },
        footer = {
            "  tidemark member add n4@10.0.0.4",
            "  tidemark member add n4@10.0.0.4:7400/7401/7402 --zone=b",
            "",
            "The ports are client/internal/raft."
        })
public final class MemberAddCommand extends MemberChangeCommand {

    @Parameters(
            paramLabel = "ID@HOST[:PORTS]",
            converter = NewMember.class,
            description = "The node, and where others reach it.")
    private AddNodeRequest node = AddNodeRequest.getDefaultInstance();

    @Option(names = "--zone", paramLabel = "ZONE", order = 1, description = "Where it stands.")
    private String zone = "";

    @Override
    String change(MaintenanceGrpc.MaintenanceBlockingStub cluster, ServerConnection connection) {
        AddNodeRequest request = node.toBuilder().setZone(zone).build();
        AddNodeResponse unused = ProgressStream.follow(
                cluster.addNode(request), new Progress(streams()), AddNodeResponse::getProgress, message -> {});
        return "added " + request.getNodeId() + ": it votes";
    }
}
