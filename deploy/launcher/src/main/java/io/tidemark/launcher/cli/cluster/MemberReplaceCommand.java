// SPDX-License-Identifier: Apache-2.0
package io.tidemark.launcher.cli.cluster;

import io.tidemark.launcher.cli.Progress;
import io.tidemark.launcher.cli.ServerConnection;
import io.tidemark.proto.v1.AddNodeRequest;
import io.tidemark.proto.v1.MaintenanceGrpc;
import io.tidemark.proto.v1.ReplaceNodeRequest;
import io.tidemark.proto.v1.ReplaceNodeResponse;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "replace",
        description = {
            "Replaces a node that is dead by one that waits on an empty directory (tidemark node --cluster.start=join): the new one is added",
            "before the dead one is removed, so at no time fewer nodes work than before."
        },
        footer = {"  tidemark member replace n2 n4@10.0.0.4"})
public final class MemberReplaceCommand extends MemberChangeCommand {

    @Parameters(index = "0", paramLabel = "DEAD_ID", description = "The node that is dead.")
    private String dead = "";

    @Parameters(
            index = "1",
            paramLabel = "ID@HOST[:PORTS]",
            converter = NewMember.class,
            description = "The new node, and where others reach it.")
    private AddNodeRequest node = AddNodeRequest.getDefaultInstance();

    @Option(names = "--zone", paramLabel = "ZONE", order = 1, description = "Where the new one stands.")
    private String zone = "";

    @Override
    String change(MaintenanceGrpc.MaintenanceBlockingStub cluster, ServerConnection connection) {
        AddNodeRequest added = node.toBuilder().setZone(zone).build();
        ReplaceNodeRequest request = ReplaceNodeRequest.newBuilder()
                .setDeadNodeId(dead)
                .setNewNode(added)
                .build();
        ReplaceNodeResponse unused = ProgressStream.follow(
                cluster.replaceNode(request), new Progress(streams()), ReplaceNodeResponse::getProgress, message -> {});
        return "replaced " + dead + " by " + added.getNodeId();
    }
}
