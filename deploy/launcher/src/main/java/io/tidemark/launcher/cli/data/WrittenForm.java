// SPDX-License-Identifier: Apache-2.0
package io.tidemark.launcher.cli.data;

import io.tidemark.client.Header;
import io.tidemark.client.Row;
import io.tidemark.launcher.cli.Facts;
import io.tidemark.launcher.cli.Fields;
import io.tidemark.launcher.cli.Output;
import io.tidemark.launcher.cli.RowForm;
import java.util.Optional;

/** How a row that was written is printed. */
final class WrittenForm {

    private WrittenForm() {}

    /**
     * Prints it.
     *
     * @param did what was done, as a word
     * @param withValue whether people want to see the value, which they did not give
     */
    static void print(
            Output output,
            String did,
            Row<byte[]> row,
            Optional<Row<byte[]>> previous,
            boolean replayed,
            Header header,
            boolean withValue) {
        Fields fields = RowForm.fields(row)
                .with(
                        "previous_row",
                        previous.map(one -> RowForm.fields(one).toMap()).orElse(null))
                .with("replayed", replayed)
                .with("answer", Facts.fields(header).toMap());
        output.document(
                fields,
                () -> (withValue ? RowForm.shown(row) + "\n" : "")
                        + did + " " + row.table() + "/" + row.key() + ", version " + row.version() + ", "
                        + Facts.ofWrite(header) + (replayed ? ", by an earlier attempt" : "") + "\n");
    }
}
