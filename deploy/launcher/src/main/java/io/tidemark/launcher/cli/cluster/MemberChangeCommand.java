// SPDX-License-Identifier: Apache-2.0
package io.tidemark.launcher.cli.cluster;

import io.grpc.StatusRuntimeException;
import io.tidemark.api.ErrorStatus;
import io.tidemark.launcher.cli.ClusterCommand;
import io.tidemark.launcher.cli.ExitCode;
import io.tidemark.launcher.cli.ServerConnection;
import io.tidemark.proto.v1.MaintenanceGrpc;

/** A change of the cluster, which goes on there whatever becomes of this command. */
abstract class MemberChangeCommand extends ClusterCommand {

    @Override
    protected final int run() {
        try (ServerConnection connection = connect()) {
            return change(connection);
        }
    }

    private int change(ServerConnection connection) {
        try {
            streams().out().println(change(MaintenanceGrpc.newBlockingStub(connection.channel()), connection));
            return ExitCode.DONE;
        } catch (StatusRuntimeException e) {
            if (ErrorStatus.from(e).isPresent()) {
                throw e;
            }
            tell("the connection to " + connection.address() + " broke ("
                    + e.getStatus().getCode()
                    + "). If the change was begun it goes on: 'tidemark topology' shows what became of it");
            return ExitCode.OUTCOME_UNKNOWN;
        }
    }

    /** Does it, and says what was done. */
    abstract String change(MaintenanceGrpc.MaintenanceBlockingStub cluster, ServerConnection connection);
}
