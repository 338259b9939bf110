// SPDX-License-Identifier: Apache-2.0
package io.tidemark.launcher.cli.data;

import io.tidemark.client.Change;
import io.tidemark.client.TidemarkClient;
import io.tidemark.client.Watch;
import io.tidemark.client.WatchEvent;
import io.tidemark.client.WatchEvents;
import io.tidemark.client.WatchFilter;
import io.tidemark.launcher.cli.ExitCode;
import io.tidemark.launcher.cli.Facts;
import io.tidemark.launcher.cli.GivenFile;
import io.tidemark.launcher.cli.RawCodec;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "watch",
        description = {
            "Prints every change of rows, once and in order, until it is interrupted (Ctrl-C).",
            "It goes on by itself behind the last change, at another server, when one is lost. With --output=json one object a line.",
            "With --resume it also goes on where an earlier run ended: for as long as history is kept, nothing is missed."
        },
        footer = {
            "  tidemark watch users",
            "  tidemark watch users --prefix=eu/ --prefix=us/ --output=json",
            "  tidemark watch orders --resume=orders.token --output=json >> orders.jsonl",
            "  tidemark watch users --snapshot"
        })
public final class WatchCommand extends DataCommand {

    @Parameters(index = "0", arity = "0..1", paramLabel = "TABLE", description = "The table; else all tables.")
    private @Nullable String table;

    @Option(names = "--key", paramLabel = "KEY", order = 1, description = "Only this row; may be given several times.")
    private List<String> keys = List.of();

    @Option(
            names = "--prefix",
            paramLabel = "PREFIX",
            order = 2,
            description = "Only rows whose keys start so; may be given several times.")
    private List<String> prefixes = List.of();

    @Option(names = "--snapshot", order = 3, description = "First the rows as they are, then what changes.")
    private boolean snapshot;

    @Option(
            names = "--after",
            paramLabel = "TOKEN",
            order = 4,
            description = "Changes behind this state, as an answer or a change named it.")
    private @Nullable String after;

    @Option(
            names = "--resume",
            paramLabel = "FILE",
            order = 5,
            description = "Keep in this file how far it came, and go on from there the next time.")
    private @Nullable Path resume;

    @Option(names = "--keys-only", order = 6, description = "Without values.")
    private boolean keysOnly;

    @Option(names = "--previous", order = 7, description = "With the rows as they were before.")
    private boolean previous;

    @Option(names = "--count", paramLabel = "N", order = 8, description = "End after so many changes.")
    private long countMax = Long.MAX_VALUE;

    @Mixin
    private final ReadOption read = new ReadOption();

    @Override
    int run(TidemarkClient client) throws IOException {
        if (resume != null) {
            GivenFile.requireDirectoryOf(resume);
        }
        ResumeFile place = new ResumeFile(resume);
        Watch<byte[]> watch = watch(client, place);
        ChangeForm form = new ChangeForm(output());
        long count = 0;
        try (WatchEvents<byte[]> events = watch.events()) {
            for (WatchEvent<byte[]> event : events) {
                tellOf(event);
                if (event instanceof WatchEvent.Snapshot<byte[]> rows) {
                    form.print(rows);
                }
                for (Change<byte[]> change : event.changes()) {
                    form.print(change, event);
                }
                form.flush();
                if (event.token().isPresent()) {
                    place.keep(event.token().get());
                }
                count += event.changes().size();
                if (count >= countMax) {
                    break;
                }
            }
        }
        return ExitCode.DONE;
    }

    private Watch<byte[]> watch(TidemarkClient client, ResumeFile place) throws IOException {
        Watch<byte[]> watch = client.watch(RawCodec.READING, filters());
        String token = after == null ? place.token() : after;
        if (token != null && snapshot) {
            if (after != null) {
                throw wrongUsage("--snapshot beside --after (expected: one of both)");
            }
            tell("going on behind " + token + ", without a snapshot");
        }
        if (token != null) {
            watch = watch.after(token);
        } else if (snapshot) {
            watch = watch.snapshotFirst(read.consistency());
        }
        watch = keysOnly ? watch.withoutValues() : watch;
        return previous ? watch.withPrevious() : watch;
    }

    private WatchFilter[] filters() {
        List<WatchFilter> filters = new ArrayList<>();
        if (table == null) {
            if (!keys.isEmpty() || !prefixes.isEmpty() || snapshot) {
                throw wrongUsage(
                        "--key, --prefix or --snapshot without a TABLE (expected: the table that they are of)");
            }
            return new WatchFilter[0];
        }
        for (String key : keys) {
            filters.add(WatchFilter.key(table, key));
        }
        for (String prefix : prefixes) {
            filters.add(WatchFilter.prefix(table, prefix));
        }
        if (filters.isEmpty()) {
            filters.add(WatchFilter.table(table));
        }
        return filters.toArray(WatchFilter[]::new);
    }

    private void tellOf(WatchEvent<byte[]> event) {
        if (event instanceof WatchEvent.Opened<byte[]> opened) {
            tellAside("watching behind index " + opened.index() + ", from " + Facts.servedBy(opened.servedBy()));
        } else if (event instanceof WatchEvent.Disconnected<byte[]> lost) {
            tell("nobody sends at present, others are tried: "
                    + lost.reason().failure().message());
        } else if (event instanceof WatchEvent.Resumed<byte[]> resumed) {
            tell("going on behind index " + resumed.index() + ", from " + Facts.servedBy(resumed.servedBy()));
        } else if (event instanceof WatchEvent.HistoryLost<byte[]> lost) {
            tell("changes are missing: " + lost.reason().failure().message());
        }
    }
}
