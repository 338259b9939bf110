// SPDX-License-Identifier: Apache-2.0
package io.tidemark.launcher;

import io.tidemark.node.offline.NewNode;
import io.tidemark.node.offline.OfflineListener;
import io.tidemark.node.offline.RestoreFromBackup;
import io.tidemark.server.process.StartException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import picocli.CommandLine;
import picocli.CommandLine.Command;

@Command(
        name = "restore",
        description = "Makes the first node of a new cluster out of a backup, while it does not run.",
        footerHeading = "%nExample:%n",
        footer = {
            "  tidemark restore --backup=tidemark.backup --id=n1 --data-dir=/var/lib/tidemark \\",
            "      --host=10.0.0.1 --cluster.name=example",
            "  tidemark node --id=n1 --data-dir=/var/lib/tidemark \\",
            "      --host=10.0.0.1 --cluster.name=example",
            "",
            "The other options are those of the node (docs/configuration.md). Its addresses",
            "are kept in the cluster. The new cluster has a new history: session tokens,",
            "ETags and page tokens of the old one are refused."
        })
final class RestoreCommand extends OfflineCommand {

    @CommandLine.Option(names = "--backup", paramLabel = "FILE", required = true, description = "The backup.")
    private Path backup = Path.of("given");

    @Override
    String make(NewNode target, OfflineListener listener) throws IOException {
        if (!Files.isRegularFile(backup)) {
            throw new StartException("backup " + backup + " is no file that is there");
        }
        RestoreFromBackup.Restored restored = RestoreFromBackup.run(backup, target, listener);
        return "restored " + backup + ": index " + restored.index()
                + ". Whatever was committed after that is not in it."
                + " The new cluster is " + target.clusterName() + " (" + restored.clusterId()
                + ") with history " + restored.history() + ".";
    }
}
