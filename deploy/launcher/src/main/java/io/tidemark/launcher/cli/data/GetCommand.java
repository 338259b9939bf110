// SPDX-License-Identifier: Apache-2.0
package io.tidemark.launcher.cli.data;

import io.tidemark.client.GetAllResult;
import io.tidemark.client.GetResult;
import io.tidemark.client.Row;
import io.tidemark.client.TidemarkClient;
import io.tidemark.launcher.cli.ExitCode;
import io.tidemark.launcher.cli.Facts;
import io.tidemark.launcher.cli.Fields;
import io.tidemark.launcher.cli.Quantities;
import io.tidemark.launcher.cli.RowForm;
import io.tidemark.launcher.cli.TextTable;
import java.io.PrintStream;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

@Command(
        name = "get",
        description = {
            "Reads a row: its value, as it is, on standard output; which state that is, on standard error.",
            "Of several rows, all as of one index, a table."
        },
        footer = {
            "  tidemark get users ann",
            "  tidemark get users ann --consistency=bounded:250ms",
            "  tidemark get users ann --output=json | jq .json.name",
            "  tidemark get users ann bob --consistency=index:4711"
        })
public final class GetCommand extends DataCommand {

    @Parameters(index = "0", paramLabel = "TABLE", description = "The table.")
    private String table = "";

    @Parameters(index = "1..*", arity = "1..*", paramLabel = "KEY", description = "The keys.")
    private List<String> keys = List.of();

    @Mixin
    private final ReadOption read = new ReadOption();

    @Override
    int run(TidemarkClient client) {
        if (keys.size() > 1) {
            return several(table(client, table).getAll(keys, read.toOptions()));
        }
        GetResult<byte[]> result = table(client, table).get(keys.get(0), read.toOptions());
        if (isOutputGiven()) {
            output().document(one(result), () -> describe(result));
        } else {
            result.value().ifPresent(this::print);
        }
        if (!result.found()) {
            tell("no row " + table + "/" + keys.get(0) + " " + Facts.ofRead(result.header()));
            return ExitCode.NOT_FOUND;
        }
        if (!isOutputGiven()) {
            tellFacts(result.header());
        }
        return ExitCode.DONE;
    }

    /** As it is; on a terminal with an end of line, so that what follows begins its own. */
    private void print(byte[] value) {
        PrintStream out = streams().out();
        out.write(value, 0, value.length);
        if (streams().outIsTerminal() && (value.length == 0 || value[value.length - 1] != '\n')) {
            out.println();
        }
    }

    private static Fields one(GetResult<byte[]> result) {
        return Fields.of()
                .withAll(result.row()
                        .map(RowForm::fields)
                        .orElseGet(
                                () -> Fields.of().with("table", result.table()).with("key", result.key())))
                .with("found", result.found())
                .with("answer", Facts.fields(result.header()).toMap());
    }

    private static String describe(GetResult<byte[]> result) {
        TextTable facts = new TextTable("FIELD", "VALUE");
        result.row().ifPresent(row -> {
            facts.add("value", RowForm.shown(row));
            facts.add("content type", row.contentType());
            facts.add("version", Long.toString(row.version()));
            facts.add("created at index", Long.toString(row.createdIndex()));
            facts.add("modified at index", Long.toString(row.modifiedIndex()));
            facts.add("modified", row.modifiedTime().toString());
            facts.add(
                    "expires",
                    row.expireTime() == null ? "never" : row.expireTime().toString());
        });
        facts.add("found", result.found() ? "yes" : "no");
        facts.add("as of index", Long.toString(result.index()));
        facts.add("staleness, at most", Quantities.staleness(result.header().stalenessOnArrival()));
        facts.add(
                "served by",
                Facts.servedBy(result.servedBy()) + " at " + result.servedBy().address());
        facts.add("token", result.token());
        return facts.toString();
    }

    private int several(GetAllResult<byte[]> result) {
        Fields fields = Fields.of()
                .with(
                        "rows",
                        result.rows().values().stream()
                                .map(row -> RowForm.fields(row).toMap())
                                .toList())
                .with("absent_keys", List.copyOf(result.absentKeys()))
                .with("answer", Facts.fields(result.header()).toMap());
        output().document(fields, () -> {
            TextTable rows = new TextTable("KEY", "VERSION", "INDEX", "VALUE");
            for (Row<byte[]> row : result.rows().values()) {
                rows.add(
                        row.key(),
                        Long.toString(row.version()),
                        Long.toString(row.modifiedIndex()),
                        RowForm.shown(row));
            }
            return rows.toString();
        });
        if (!result.absentKeys().isEmpty()) {
            tell("no rows of " + table + ": " + String.join(", ", result.absentKeys()));
        }
        tellFacts(result.header());
        return result.absentKeys().isEmpty() ? ExitCode.DONE : ExitCode.NOT_FOUND;
    }
}
