// SPDX-License-Identifier: Apache-2.0
package io.tidemark.launcher.cli.data;

import io.tidemark.client.Condition;
import io.tidemark.client.Table;
import io.tidemark.client.TidemarkClient;
import io.tidemark.client.WriteOptions;
import io.tidemark.client.WriteResult;
import io.tidemark.launcher.cli.ExitCode;
import io.tidemark.launcher.cli.RawCodec;
import java.io.IOException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "put",
        description = "Writes a row. Without a condition the last write wins.",
        footer = {
            "  tidemark put users ann '{\"name\": \"Ann\"}'",
            "  tidemark put photos ann @ann.jpg --content-type=image/jpeg",
            "  date | tidemark put notes today - --ttl=1d",
            "  tidemark put users ann '{\"name\": \"Ann B.\"}' --if-version=1",
            "",
            "Where --content-type does not say it, a value that is JSON is application/json,",
            "another text text/plain, and anything else application/octet-stream."
        })
public final class PutCommand extends DataCommand {

    @Parameters(index = "0", paramLabel = "TABLE", description = "The table.")
    private String table = "";

    @Parameters(index = "1", paramLabel = "KEY", description = "The key.")
    private String key = "";

    @Parameters(index = "2", paramLabel = "VALUE", description = "The value itself, @FILE, or - for standard input.")
    private String value = "";

    @Option(names = "--content-type", paramLabel = "TYPE", order = 10, description = "The media type of the value.")
    private @Nullable String contentType;

    @Option(
            names = "--previous",
            order = 11,
            description = "Give back the row that it replaces, in --output=json or yaml.")
    private boolean previous;

    @Mixin
    private final ConditionOption condition = new ConditionOption();

    @Mixin
    private final ExpiryOption expiry = new ExpiryOption();

    @Mixin
    private final WriteOption write = new WriteOption();

    @Override
    int run(TidemarkClient client) throws IOException {
        GivenValue given = GivenValue.read(value, streams());
        String type = contentType == null ? given.contentType() : contentType;
        Table<byte[]> rows = client.table(table, new RawCodec(type));
        WriteOptions options = expiry.addTo(write.toOptions());
        if (previous) {
            options = options.withPreviousRow();
        }
        Optional<Condition<byte[]>> must = condition.condition(streams());
        WriteResult<byte[]> result = must.isPresent()
                ? rows.put(key, given.bytes(), must.get(), options)
                : rows.put(key, given.bytes(), options);
        WrittenForm.print(
                output(), "put", result.row(), result.previousRow(), result.replayed(), result.header(), false);
        return ExitCode.DONE;
    }
}
