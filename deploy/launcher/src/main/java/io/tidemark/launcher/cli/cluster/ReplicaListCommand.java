// SPDX-License-Identifier: Apache-2.0
package io.tidemark.launcher.cli.cluster;

import io.tidemark.launcher.cli.ExitCode;
import io.tidemark.launcher.cli.Fields;
import io.tidemark.launcher.cli.Quantities;
import io.tidemark.launcher.cli.ServerConnection;
import io.tidemark.launcher.cli.TextTable;
import io.tidemark.proto.v1.Replica;
import io.tidemark.proto.v1.Topology;
import java.util.Locale;
import picocli.CommandLine.Command;

@Command(
        name = "list",
        description =
                "Lists the replicas: what they should serve, what they serve, what they are copying, and how busy they are.",
        footer = {"  tidemark replica list"})
public final class ReplicaListCommand extends ViewCommand {

    @Override
    protected int run() {
        try (ServerConnection connection = connect()) {
            Topology topology = connection.topology();
            output().document(
                            Fields.of()
                                    .with(
                                            "replicas",
                                            new TopologyForm(topology, connection.address())
                                                    .fields()
                                                    .toMap()
                                                    .get("replicas")),
                            () -> text(topology));
            return ExitCode.DONE;
        }
    }

    private static String text(Topology topology) {
        TextTable table = new TextTable(
                "ID",
                "STATE",
                "ZONE",
                "WEIGHT",
                "PLACED",
                "SERVING",
                "COPYING",
                "STALENESS",
                "PER SECOND",
                "CPU",
                "UPSTREAM",
                "ADDRESS");
        for (Replica replica : topology.getReplicasList()) {
            table.add(
                    replica.getReplicaId(),
                    TopologyForm.state(replica),
                    replica.getZone(),
                    Integer.toString(replica.getWeight()),
                    Integer.toString(TopologyForm.count(replica.getPlaced())),
                    Integer.toString(TopologyForm.count(replica.getServing())),
                    Integer.toString(replica.getBootstrapsCount()),
                    Quantities.staleness(TopologyForm.staleness(replica)),
                    String.format(Locale.ROOT, "%.0f", replica.getRequestRate()),
                    String.format(Locale.ROOT, "%.2f", replica.getCpuLoad()),
                    replica.getUpstreamId(),
                    replica.getClientAddress());
        }
        return table.toString();
    }
}
