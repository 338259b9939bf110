// SPDX-License-Identifier: Apache-2.0
package io.tidemark.launcher.cli.data;

import io.tidemark.client.Change;
import io.tidemark.client.Row;
import io.tidemark.client.WatchEvent;
import io.tidemark.launcher.cli.Fields;
import io.tidemark.launcher.cli.Output;
import io.tidemark.launcher.cli.RowForm;
import java.io.IOException;
import java.time.Instant;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** How what a watch tells is printed, one line or object after the other. */
final class ChangeForm {

    private final Output output;

    ChangeForm(Output output) {
        this.output = output;
    }

    /** Rows as they are. */
    void print(WatchEvent.Snapshot<byte[]> snapshot) {
        for (Row<byte[]> row : snapshot.rows()) {
            Fields fields = Fields.of()
                    .with("kind", "present")
                    .with("index", snapshot.index())
                    .with("row", RowForm.fields(row).toMap());
            output.item(fields, () -> line(snapshot.index(), "present", row.table(), row.key(), RowForm.shown(row)));
        }
    }

    void print(Change<byte[]> change, WatchEvent<byte[]> event) {
        Row<byte[]> row = change instanceof Change.Put<byte[]> put ? put.row() : null;
        Row<byte[]> before = previous(change);
        Instant time = event instanceof WatchEvent.Commit<byte[]> commit ? commit.time() : null;
        Fields fields = Fields.of()
                .with("kind", kind(change))
                .with("index", change.index())
                .with("position", change.position())
                .with("time", time)
                .with("table", change.table())
                .with("key", change.key())
                .with("row", row == null ? null : RowForm.fields(row).toMap())
                .with(
                        "previous_row",
                        before == null ? null : RowForm.fields(before).toMap())
                .with("token", event.token().orElse(null));
        output.item(
                fields,
                () -> line(
                        change.index(),
                        kind(change),
                        change.table(),
                        change.key(),
                        row == null ? "" : RowForm.shown(row)));
    }

    private static String line(long index, String kind, String table, @Nullable String key, String value) {
        return String.format(
                Locale.ROOT,
                "%-8s %-8s %s%s%n",
                index,
                kind,
                key == null ? table : table + "/" + key,
                value.isEmpty() ? "" : "  " + value);
    }

    private static String kind(Change<byte[]> change) {
        if (change instanceof Change.Put<byte[]> put) {
            return put.created() ? "create" : "put";
        }
        if (change instanceof Change.Delete<byte[]>) {
            return "delete";
        }
        if (change instanceof Change.Expire<byte[]>) {
            return "expire";
        }
        return change instanceof Change.TableDropped<byte[]> ? "drop" : "unknown";
    }

    private static @Nullable Row<byte[]> previous(Change<byte[]> change) {
        if (change instanceof Change.Put<byte[]> put) {
            return put.previous();
        }
        if (change instanceof Change.Delete<byte[]> delete) {
            return delete.previous();
        }
        return change instanceof Change.Expire<byte[]> expire ? expire.previous() : null;
    }

    /** Lets everybody see it. */
    void flush() throws IOException {
        output.flush();
    }
}
