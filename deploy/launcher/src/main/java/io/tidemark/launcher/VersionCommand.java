// SPDX-License-Identifier: Apache-2.0
package io.tidemark.launcher;

import io.tidemark.launcher.cli.CliCommand;
import io.tidemark.launcher.cli.ExitCode;
import io.tidemark.launcher.cli.Fields;
import io.tidemark.launcher.cli.OutputOption;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

@Command(
        name = "version",
        description = "Prints which Tidemark this is, and which Java runs it.",
        footer = {"  tidemark version", "  tidemark version --output=json"})
final class VersionCommand extends CliCommand {

    @Mixin
    private final OutputOption output = new OutputOption();

    @Override
    protected int run() {
        Fields fields = Fields.of().with("version", BuildVersion.ours()).with("java", BuildVersion.java());
        output.to(streams()).document(fields, () -> BuildVersion.line() + "\n");
        return ExitCode.DONE;
    }
}
