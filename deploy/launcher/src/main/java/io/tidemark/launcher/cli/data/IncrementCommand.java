// SPDX-License-Identifier: Apache-2.0
package io.tidemark.launcher.cli.data;

import io.tidemark.client.IncrementResult;
import io.tidemark.client.TidemarkClient;
import io.tidemark.launcher.cli.ExitCode;
import io.tidemark.launcher.cli.Facts;
import io.tidemark.launcher.cli.Fields;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "incr",
        description = {
            "Adds to a row whose value is a whole number, and prints the sum. It happens once, however often it has to be sent.",
            "A row that is not there counts as 0, or as --initial says."
        },
        footer = {"  tidemark incr counters visits", "  tidemark incr counters stock --by=-3 --initial=100"})
public final class IncrementCommand extends DataCommand {

    @Parameters(index = "0", paramLabel = "TABLE", description = "The table.")
    private String table = "";

    @Parameters(index = "1", paramLabel = "KEY", description = "The key.")
    private String key = "";

    @Option(
            names = "--by",
            paramLabel = "N",
            order = 10,
            defaultValue = "1",
            description = "What to add; may be negative (default: 1).")
    private long delta = 1;

    @Option(
            names = "--initial",
            paramLabel = "N",
            order = 11,
            defaultValue = "0",
            description = "What a row that is not there counts as (default: 0).")
    private long initial;

    @Mixin
    private final ExpiryOption expiry = new ExpiryOption();

    @Mixin
    private final WriteOption write = new WriteOption();

    @Override
    int run(TidemarkClient client) {
        IncrementResult result = table(client, table).increment(key, delta, initial, expiry.addTo(write.toOptions()));
        Fields fields = Fields.of()
                .with("table", table)
                .with("key", key)
                .with("value", result.value())
                .with("version", result.row().version())
                .with("replayed", result.replayed())
                .with("answer", Facts.fields(result.header()).toMap());
        output().document(fields, () -> result.value() + "\n");
        if (!isOutputGiven()) {
            tellAside(Facts.ofWrite(result.header()));
        }
        return ExitCode.DONE;
    }
}
