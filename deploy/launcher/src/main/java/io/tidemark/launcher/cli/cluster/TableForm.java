// SPDX-License-Identifier: Apache-2.0
package io.tidemark.launcher.cli.cluster;

import io.tidemark.client.TableInfo;
import io.tidemark.client.TableSettings;
import io.tidemark.launcher.cli.Fields;
import io.tidemark.launcher.cli.Output;
import io.tidemark.launcher.cli.Quantities;
import io.tidemark.launcher.cli.TextTable;
import java.util.List;

/** How tables are printed. */
final class TableForm {

    private TableForm() {}

    static void print(Output output, List<TableInfo> tables) {
        Fields fields = Fields.of()
                .with(
                        "tables",
                        tables.stream().map(table -> fields(table).toMap()).toList());
        output.document(fields, () -> text(tables));
    }

    static void print(Output output, TableInfo table) {
        output.document(fields(table), () -> text(List.of(table)));
    }

    private static String text(List<TableInfo> tables) {
        TextTable text =
                new TextTable("TABLE", "STATE", "DEFAULT TTL", "MAX VALUE", "HTTP CACHE", "CREATED", "MODIFIED");
        for (TableInfo table : tables) {
            TableSettings settings = table.settings();
            text.add(
                    table.name(),
                    table.dropping() ? "dropping" : "active",
                    settings.defaultTtl().map(Quantities::duration).orElse("never"),
                    settings.maxValueBytes().isPresent()
                            ? Quantities.bytes(settings.maxValueBytes().getAsLong())
                            : "the cluster's",
                    settings.httpCacheAge().map(Quantities::duration).orElse("none"),
                    Long.toString(table.createdIndex()),
                    Long.toString(table.modifiedIndex()));
        }
        return text.toString();
    }

    private static Fields fields(TableInfo table) {
        TableSettings settings = table.settings();
        return Fields.of()
                .with("table", table.name())
                .with("state", table.dropping() ? "dropping" : "active")
                .withMillis("default_ttl_ms", settings.defaultTtl().orElse(null))
                .with(
                        "max_value_bytes",
                        settings.maxValueBytes().isPresent()
                                ? settings.maxValueBytes().getAsLong()
                                : null)
                .withMillis("http_cache_age_ms", settings.httpCacheAge().orElse(null))
                .with("created_index", table.createdIndex())
                .with("modified_index", table.modifiedIndex());
    }
}
