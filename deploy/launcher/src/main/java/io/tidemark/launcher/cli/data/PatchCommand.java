// SPDX-License-Identifier: Apache-2.0
package io.tidemark.launcher.cli.data;

import io.tidemark.client.Condition;
import io.tidemark.client.Table;
import io.tidemark.client.TidemarkClient;
import io.tidemark.client.WriteOptions;
import io.tidemark.client.WriteResult;
import io.tidemark.launcher.cli.ExitCode;
import io.tidemark.launcher.cli.RowForm;
import java.io.IOException;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

@Command(
        name = "patch",
        description = {
            "Changes a JSON row by a merge patch (RFC 7396), and prints what came of it.",
            "Members that the patch names are replaced, or with null removed; all others stay to the letter. A row that is not there counts as {}."
        },
        footer = {
            "  tidemark patch users ann '{\"city\": \"Ghent\", \"phone\": null}'",
            "  tidemark patch users ann @change.json --if-present"
        })
public final class PatchCommand extends DataCommand {

    @Parameters(index = "0", paramLabel = "TABLE", description = "The table.")
    private String table = "";

    @Parameters(index = "1", paramLabel = "KEY", description = "The key.")
    private String key = "";

    @Parameters(index = "2", paramLabel = "PATCH", description = "JSON itself, @FILE, or - for standard input.")
    private String patch = "";

    @Mixin
    private final ConditionOption condition = new ConditionOption();

    @Mixin
    private final ExpiryOption expiry = new ExpiryOption();

    @Mixin
    private final WriteOption write = new WriteOption();

    @Override
    int run(TidemarkClient client) throws IOException {
        String text = RowForm.text(GivenValue.read(patch, streams()).bytes())
                .orElseThrow(() -> wrongUsage("PATCH: not UTF-8 (expected: JSON)"));
        Table<byte[]> rows = table(client, table);
        WriteOptions options = expiry.addTo(write.toOptions());
        Optional<Condition<byte[]>> must = condition.condition(streams());
        WriteResult<byte[]> result =
                must.isPresent() ? rows.patch(key, text, must.get(), options) : rows.patch(key, text, options);
        WrittenForm.print(
                output(), "patched", result.row(), Optional.empty(), result.replayed(), result.header(), true);
        return ExitCode.DONE;
    }
}
