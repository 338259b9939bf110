// SPDX-License-Identifier: Apache-2.0
package io.tidemark.launcher;

import io.tidemark.node.offline.NewNode;
import io.tidemark.node.offline.OfflineListener;
import io.tidemark.node.offline.Recovery;
import java.io.IOException;
import java.nio.file.Path;
import picocli.CommandLine;
import picocli.CommandLine.Command;

@Command(
        name = "recover",
        description = {
            "Makes the first node of a new cluster out of the directory of a stopped node whose cluster lost its majority for good.",
            "While a majority can be brought back, do that instead: a recovery may lose what other nodes acknowledged."
        },
        footerHeading = "%nExample:%n",
        footer = {
            "  tidemark recover --from=/var/lib/tidemark --id=n1 --data-dir=/var/lib/tidemark-new \\",
            "      --host=10.0.0.1 --cluster.name=example",
            "  tidemark node --id=n1 --data-dir=/var/lib/tidemark-new \\",
            "      --host=10.0.0.1 --cluster.name=example",
            "",
            "The old directory stays as it is; the new one needs up to twice its room",
            "meanwhile. Of several nodes that are left, recover the one whose log is",
            "furthest: the output says up to where it came.",
            "The other options are those of the node (docs/configuration.md). Its addresses",
            "are kept in the cluster."
        })
final class RecoverCommand extends OfflineCommand {

    @CommandLine.Option(
            names = "--from",
            paramLabel = "DIR",
            required = true,
            description = "The data directory of the old node, which must be stopped.")
    private Path from = Path.of("given");

    @Override
    String make(NewNode target, OfflineListener listener) throws IOException {
        Recovery.Recovered recovered = Recovery.run(from, target, listener);
        return recovered.describe() + " The new cluster is " + target.clusterName() + " (" + recovered.clusterId()
                + ").";
    }
}
