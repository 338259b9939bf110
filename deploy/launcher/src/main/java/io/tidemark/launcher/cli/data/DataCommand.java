// SPDX-License-Identifier: Apache-2.0
package io.tidemark.launcher.cli.data;

import io.tidemark.client.Header;
import io.tidemark.client.Table;
import io.tidemark.client.TidemarkClient;
import io.tidemark.launcher.cli.ClusterCommand;
import io.tidemark.launcher.cli.Facts;
import io.tidemark.launcher.cli.Output;
import io.tidemark.launcher.cli.OutputOption;
import io.tidemark.launcher.cli.RawCodec;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** A command on rows, through the SDK. */
abstract class DataCommand extends ClusterCommand {

    @Mixin
    private final OutputOption output = new OutputOption();

    @Option(
            names = {"-q", "--quiet"},
            order = 81,
            description = "Do not say on standard error which state it is and who served it.")
    private boolean quiet;

    @Override
    protected final int run() throws Exception {
        try (TidemarkClient client = openClient()) {
            return run(client);
        }
    }

    /** Does it, and gives the exit code. */
    abstract int run(TidemarkClient client) throws Exception;

    static Table<byte[]> table(TidemarkClient client, String name) {
        return client.table(name, RawCodec.READING);
    }

    final Output output() {
        return output.to(streams());
    }

    final boolean isOutputGiven() {
        return output.isGiven();
    }

    /** Says of a read which state it is, unless it stands in the output or nobody wants to know. */
    final void tellFacts(Header header) {
        tellAside(Facts.ofRead(header));
    }

    /** Says something on standard error that users can do without. */
    final void tellAside(String line) {
        if (!quiet) {
            tell(line);
        }
    }
}
