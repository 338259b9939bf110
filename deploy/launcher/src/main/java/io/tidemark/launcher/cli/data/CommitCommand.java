// SPDX-License-Identifier: Apache-2.0
package io.tidemark.launcher.cli.data;

import io.tidemark.client.CommitResult;
import io.tidemark.client.Committed;
import io.tidemark.client.Refused;
import io.tidemark.client.TidemarkClient;
import io.tidemark.launcher.cli.ExitCode;
import io.tidemark.launcher.cli.Facts;
import io.tidemark.launcher.cli.Fields;
import io.tidemark.launcher.cli.RowForm;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

@Command(
        name = "commit",
        description = {
            "Checks conditions and makes changes of any rows as one commit, all or nothing.",
            "What to do is given as JSON, in the form of tidemark.v1.CommitRequest (docs/wire-contract.md): conditions and mutations."
        },
        footer = {
            "  tidemark commit - <<'JSON'",
            "  {\"conditions\": [{\"table\": \"emails\", \"key\": \"ann@example.org\",",
            "                   \"condition\": {\"existence\": \"EXISTENCE_ABSENT\"}}],",
            "   \"mutations\": [{\"table\": \"emails\", \"put\": {\"key\": \"ann@example.org\", \"value\": {\"text\": \"ann\"}}},",
            "                 {\"table\": \"users\", \"put\": {\"key\": \"ann\", \"value\": {\"json\": {\"name\": \"Ann\"}}}},",
            "                 {\"table\": \"counters\", \"increment\": {\"key\": \"users\", \"delta\": 1}}]}",
            "  JSON",
            "",
            "It ends with 4 if a condition does not hold; the output then has the rows as they are."
        })
public final class CommitCommand extends DataCommand {

    @Parameters(
            index = "0",
            paramLabel = "FILE",
            description = "The file with the transaction, or - for standard input.")
    private String file = "";

    @Mixin
    private final WriteOption write = new WriteOption();

    @Override
    int run(TidemarkClient client) throws IOException {
        String text = RowForm.text(GivenValue.read(file.equals("-") ? file : "@" + file, streams())
                        .bytes())
                .orElseThrow(() -> wrongUsage(file + ": not UTF-8 (expected: JSON)"));
        CommitForm commit;
        try {
            commit = CommitForm.parse(text);
        } catch (IllegalArgumentException e) {
            throw wrongUsage((file.equals("-") ? "standard input" : file) + ": " + e.getMessage());
        }
        CommitResult result = client.commit(tx -> commit.addTo(tx, client), write.toOptions());
        if (result instanceof Refused refused) {
            List<Map<String, Object>> failed = commit.conditions(refused, client);
            output().document(fields(result).with("failed_conditions", failed), () -> "");
            for (String line : commit.describe(refused, client)) {
                tell(line);
            }
            tell("nothing was written, judged " + Facts.ofWrite(refused.header()));
            return ExitCode.CONDITION_FAILED;
        }
        Committed done = result.orThrow();
        Fields fields = fields(result)
                .with("rows", commit.rows(done, client))
                .with("deleted_rows", done.deletedRows())
                .with("more", done.more());
        output().document(
                        fields,
                        () -> "committed " + Facts.ofWrite(done.header())
                                + (done.replayed() ? ", by an earlier attempt" : "")
                                + (done.more() ? "; more rows are left to delete: commit again" : "") + "\n");
        return ExitCode.DONE;
    }

    private static Fields fields(CommitResult result) {
        return Fields.of()
                .with("committed", result.committed())
                .with("replayed", result.replayed())
                .with("answer", Facts.fields(result.header()).toMap());
    }
}
