// SPDX-License-Identifier: Apache-2.0
package io.tidemark.launcher.cli.data;

import io.grpc.StatusRuntimeException;
import io.tidemark.client.Consistency;
import io.tidemark.client.Row;
import io.tidemark.client.Rows;
import io.tidemark.client.Scan;
import io.tidemark.client.TableInfo;
import io.tidemark.client.TidemarkClient;
import io.tidemark.launcher.cli.ClusterCommand;
import io.tidemark.launcher.cli.ExitCode;
import io.tidemark.launcher.cli.Facts;
import io.tidemark.launcher.cli.Progress;
import io.tidemark.launcher.cli.Quantities;
import io.tidemark.launcher.cli.RawCodec;
import io.tidemark.launcher.cli.RowForm;
import io.tidemark.launcher.cli.ServerConnection;
import io.tidemark.launcher.cli.offline.OfflineStore;
import io.tidemark.proto.v1.GetStatusRequest;
import io.tidemark.proto.v1.MaintenanceGrpc;
import io.tidemark.proto.v1.Node;
import io.tidemark.proto.v1.ServerRole;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "export",
        description = {
            "Writes rows as JSON, one a line, all as of one index, while the cluster goes on.",
            "It is of some tables, or of all. Values that are text stand under \"text\", others under \"bytes\" in base64.",
            "For saving a whole store there is 'tidemark backup', which is faster and proves what it restores."
        },
        footer = {
            "  tidemark export --out=everything.jsonl",
            "  tidemark export users orders | gzip > rows.jsonl.gz",
            "  tidemark export users --prefix=eu/ --consistency=index:4711",
            "  tidemark export users --offline=/var/lib/tidemark/n1"
        })
public final class ExportCommand extends ClusterCommand {

    @Parameters(arity = "0..*", paramLabel = "TABLE", description = "The tables; else all.")
    private List<String> tables = List.of();

    @Mixin
    private final RangeOption range = new RangeOption();

    @Option(
            names = "--out",
            paramLabel = "FILE",
            order = 5,
            description = "Write this file, a new one, instead of standard output.")
    private @Nullable Path file;

    @Option(
            names = "--offline",
            paramLabel = "DIR",
            order = 6,
            description =
                    "Instead of asking a cluster, read the data directory of a server that is stopped, at its last checkpoint.")
    private @Nullable Path directory;

    @Mixin
    private final ReadOption read = new ReadOption();

    @Override
    protected int run() throws IOException {
        Progress progress = new Progress(streams());
        try (LineSink sink = LineSink.open(streams(), file, this::wrongUsage)) {
            String made = directory == null ? online(sink, progress) : offline(directory, sink, progress);
            sink.complete();
            progress.tell("exported " + Quantities.rows(sink.lines()) + " " + made);
            return ExitCode.DONE;
        } finally {
            progress.end();
        }
    }

    private String online(LineSink sink, Progress progress) throws IOException {
        try (TidemarkClient client = openClient()) {
            Consistency consistency = read.consistency();
            long total = tables.isEmpty() && !range.isGiven() ? rowsOfAll() : 0;
            String made = "of no table";
            for (String table : tables.isEmpty() ? allOf(client) : tables) {
                Scan<byte[]> scan = client.table(table, RawCodec.READING).scan().with(consistency);
                try (Rows<byte[]> rows = range.addTo(scan, this::wrongUsage).rows()) {
                    for (Row<byte[]> row : rows) {
                        sink.add(RowForm.export(row));
                        progress.say("exporting " + table, sink.lines(), total, "rows");
                    }
                    // The first says which state it is; all others are of the same.
                    if (!(consistency instanceof Consistency.AsOfIndex)) {
                        made = Facts.ofRead(rows.header());
                        consistency = Consistency.asOf(rows.index());
                    }
                }
            }
            return made;
        }
    }

    /** How many rows there are about, for the bar; 0: nobody says. */
    private long rowsOfAll() {
        try (ServerConnection connection = connect()) {
            // Replicas have some of the rows only; nodes have all, and the one that leads is there.
            String leader = connection.topology().getNodesList().stream()
                    .filter(node -> node.getRole() == ServerRole.SERVER_ROLE_LEADER)
                    .map(Node::getNodeId)
                    .findFirst()
                    .orElse("");
            return leader.isEmpty()
                    ? 0
                    : MaintenanceGrpc.newBlockingStub(connection.channel())
                            .withDeadlineAfter(connection.timeoutNanos(), TimeUnit.NANOSECONDS)
                            .getStatus(GetStatusRequest.newBuilder()
                                    .setServerId(leader)
                                    .build())
                            .getStore()
                            .getRowCount();
        } catch (StatusRuntimeException e) {
            return 0;
        }
    }

    private static List<String> allOf(TidemarkClient client) {
        return client.tables().list().stream()
                .filter(table -> !table.dropping())
                .map(TableInfo::name)
                .toList();
    }

    private String offline(Path data, LineSink sink, Progress progress) throws IOException {
        if (range.isGiven()) {
            throw wrongUsage("--prefix, --from or --to beside --offline (expected: tables alone)");
        }
        try (OfflineStore store = OfflineStore.open(data)) {
            store.forEachRow(tables, row -> {
                sink.add(RowForm.export(row));
                progress.say("exporting " + row.table(), sink.lines(), store.rowCount(), "rows");
            });
            return "as of index " + store.index() + ", of " + data + store.reservation();
        }
    }
}
