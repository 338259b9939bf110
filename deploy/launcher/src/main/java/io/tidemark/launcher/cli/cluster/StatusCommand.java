// SPDX-License-Identifier: Apache-2.0
package io.tidemark.launcher.cli.cluster;

import io.grpc.StatusRuntimeException;
import io.tidemark.api.ErrorStatus;
import io.tidemark.launcher.cli.ExitCode;
import io.tidemark.launcher.cli.Fields;
import io.tidemark.launcher.cli.ServerConnection;
import io.tidemark.proto.v1.GetStatusRequest;
import io.tidemark.proto.v1.GetStatusResponse;
import io.tidemark.proto.v1.MaintenanceGrpc;
import io.tidemark.proto.v1.Node;
import io.tidemark.proto.v1.Replica;
import io.tidemark.proto.v1.Topology;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

@Command(
        name = "status",
        description = {
            "Says how servers are doing: whether they are ready and if not why, alarms, how large their stores are. Of one server, more.",
            "It ends with 7 if a server is not ready, raises an alarm, or does not answer."
        },
        footer = {
            "  tidemark status",
            "  tidemark status n1",
            "  tidemark status --output=json | jq '.servers[] | {server_id, ready, alarms}'"
        })
public final class StatusCommand extends ViewCommand {

    @Parameters(arity = "0..1", paramLabel = "SERVER", description = "The id of a node or a replica; else all.")
    private @Nullable String server;

    @Override
    protected int run() {
        try (ServerConnection connection = connect()) {
            return server == null ? all(connection) : one(connection, server);
        }
    }

    private int one(ServerConnection connection, String id) {
        StatusForm form = new StatusForm(ask(connection, id));
        output().document(form.fields(), form::details);
        return form.isSound() ? ExitCode.DONE : ExitCode.UNSOUND;
    }

    private int all(ServerConnection connection) {
        List<StatusForm> answered = new ArrayList<>();
        Map<String, String> silent = new LinkedHashMap<>();
        for (String id : ids(connection.topology())) {
            try {
                answered.add(new StatusForm(ask(connection, id)));
            } catch (StatusRuntimeException e) {
                silent.put(
                        id,
                        ErrorStatus.from(e)
                                .map(ErrorStatus::toString)
                                .orElse(e.getStatus().getCode().name()));
            }
        }
        Fields fields = Fields.of()
                .with(
                        "servers",
                        answered.stream().map(form -> form.fields().toMap()).toList())
                .with("silent", silent);
        output().document(fields, () -> StatusForm.text(answered, silent));
        return silent.isEmpty() && answered.stream().allMatch(StatusForm::isSound) ? ExitCode.DONE : ExitCode.UNSOUND;
    }

    private static List<String> ids(Topology topology) {
        return Stream.concat(
                        topology.getNodesList().stream().map(Node::getNodeId),
                        topology.getReplicasList().stream().map(Replica::getReplicaId))
                .toList();
    }

    private static GetStatusResponse ask(ServerConnection connection, String id) {
        return MaintenanceGrpc.newBlockingStub(connection.channel())
                .withDeadlineAfter(connection.timeoutNanos(), TimeUnit.NANOSECONDS)
                .getStatus(GetStatusRequest.newBuilder().setServerId(id).build());
    }
}
