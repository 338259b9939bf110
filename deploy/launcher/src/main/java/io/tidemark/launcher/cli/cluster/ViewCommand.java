// SPDX-License-Identifier: Apache-2.0
package io.tidemark.launcher.cli.cluster;

import io.tidemark.launcher.cli.ClusterCommand;
import io.tidemark.launcher.cli.Output;
import io.tidemark.launcher.cli.OutputOption;
import picocli.CommandLine.Mixin;

/** A command whose result comes in several forms. */
abstract class ViewCommand extends ClusterCommand {

    @Mixin
    private final OutputOption output = new OutputOption();

    final Output output() {
        return output.to(streams());
    }
}
