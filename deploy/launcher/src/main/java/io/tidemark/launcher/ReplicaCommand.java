// SPDX-License-Identifier: Apache-2.0
package io.tidemark.launcher;

import io.tidemark.replica.Replica;
import io.tidemark.replica.ReplicaConfig;
import io.tidemark.server.config.Configuration;
import io.tidemark.server.config.Option;
import io.tidemark.server.process.RunningServer;
import java.util.List;
import picocli.CommandLine.Command;

@Command(name = "replica", description = "Runs a read replica.")
final class ReplicaCommand extends RoleCommand {

    @Override
    List<Option<?>> options() {
        return ReplicaConfig.OPTIONS;
    }

    @Override
    RunningServer start(Configuration configuration) {
        return Replica.start(ReplicaConfig.from(configuration));
    }
}
