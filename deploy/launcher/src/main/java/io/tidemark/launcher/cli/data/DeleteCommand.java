// SPDX-License-Identifier: Apache-2.0
package io.tidemark.launcher.cli.data;

import io.tidemark.client.Committed;
import io.tidemark.client.Condition;
import io.tidemark.client.DeleteResult;
import io.tidemark.client.Header;
import io.tidemark.client.Row;
import io.tidemark.client.Table;
import io.tidemark.client.TidemarkClient;
import io.tidemark.client.WriteOptions;
import io.tidemark.launcher.cli.ExitCode;
import io.tidemark.launcher.cli.Facts;
import io.tidemark.launcher.cli.Fields;
import io.tidemark.launcher.cli.Progress;
import io.tidemark.launcher.cli.Quantities;
import io.tidemark.launcher.cli.RowForm;
import java.io.IOException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "delete",
        description = {
            "Deletes a row, or all rows whose keys start alike. That there is none is no failure.",
            "A prefix is deleted in as many commits as it takes; if that is broken off, repeat it."
        },
        footer = {
            "  tidemark delete users ann",
            "  tidemark delete users ann --if-index=4711",
            "  tidemark delete sessions --prefix=2025-"
        })
public final class DeleteCommand extends DataCommand {

    @Parameters(index = "0", paramLabel = "TABLE", description = "The table.")
    private String table = "";

    @Parameters(index = "1", arity = "0..1", paramLabel = "KEY", description = "The key.")
    private @Nullable String key;

    @Option(names = "--prefix", paramLabel = "PREFIX", order = 10, description = "Instead of a key: all that start so.")
    private @Nullable String prefix;

    @Option(
            names = "--previous",
            order = 11,
            description = "Give back the row that it removes, in --output=json or yaml.")
    private boolean previous;

    @Mixin
    private final ConditionOption condition = new ConditionOption();

    @Mixin
    private final WriteOption write = new WriteOption();

    @Override
    int run(TidemarkClient client) throws IOException {
        Optional<Condition<byte[]>> must = condition.condition(streams());
        if ((key == null) == (prefix == null)) {
            throw wrongUsage("what to delete: " + (key == null ? "nothing" : "a KEY and a --prefix")
                    + " (expected: one of both)");
        }
        if (key != null) {
            one(table(client, table), key, must);
        } else if (prefix != null) {
            if (must.isPresent() || previous || prefix.isEmpty()) {
                throw wrongUsage(
                        "--prefix: beside a condition or --previous, or empty (expected: alone, and some text)");
            }
            all(client, prefix);
        }
        return ExitCode.DONE;
    }

    private void one(Table<byte[]> rows, String name, Optional<Condition<byte[]>> must) {
        WriteOptions options = previous ? write.toOptions().withPreviousRow() : write.toOptions();
        DeleteResult<byte[]> result =
                must.isPresent() ? rows.delete(name, must.get(), options) : rows.delete(name, options);
        Optional<Row<byte[]>> before = result.previousRow();
        Fields fields = Fields.of()
                .with("table", table)
                .with("key", name)
                .with("deleted", result.deleted())
                .with(
                        "previous_row",
                        before.map(row -> RowForm.fields(row).toMap()).orElse(null))
                .with("replayed", result.replayed())
                .with("answer", Facts.fields(result.header()).toMap());
        String did = result.deleted() ? "deleted " + table + "/" + name : "there was no " + table + "/" + name;
        output().document(fields, () -> did + ", " + Facts.ofWrite(result.header()) + "\n");
    }

    private void all(TidemarkClient client, String start) {
        Progress progress = new Progress(streams());
        Table<byte[]> rows = table(client, table);
        long deleted = 0;
        boolean more = true;
        Header last = null;
        while (more) {
            Committed step = client.commit(tx -> tx.deletePrefix(rows, start)).orThrow();
            deleted += step.deletedRows();
            more = step.more();
            last = step.header();
            progress.say("deleting", deleted, 0, "rows");
        }
        progress.end();
        Header header = last;
        long count = deleted;
        Fields fields = Fields.of()
                .with("table", table)
                .with("prefix", start)
                .with("deleted_rows", count)
                .with("answer", header == null ? null : Facts.fields(header).toMap());
        output().document(fields, () -> "deleted " + Quantities.rows(count) + " of " + table + "\n");
    }
}
