// SPDX-License-Identifier: Apache-2.0
package io.tidemark.launcher.cli.offline;

import io.tidemark.launcher.cli.Fields;
import io.tidemark.launcher.cli.Quantities;
import io.tidemark.launcher.cli.TextTable;
import io.tidemark.node.consensus.OutvotedMark;
import io.tidemark.proto.v1.Table;
import io.tidemark.store.state.Store;
import io.tidemark.store.transition.Counters;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;

/** What a stopped server's directory holds. */
final class Inspection {

    private static final String IDENTITY = "identity";
    private static final String CLUSTER = "cluster";

    private final Path directory;
    private final Store store;
    private final List<Table> tables;
    private final Map<String, Long> rows;
    private final List<String> identity;
    private final Optional<String> outvoted;
    private final Instant logTime;
    private final long fileBytes;
    private final long index;

    private Inspection(
            Path directory, OfflineStore opened, Map<String, Long> rows, List<String> identity, long fileBytes) {
        this.directory = directory;
        this.store = opened.store();
        this.tables = opened.view().tables();
        this.rows = rows;
        this.identity = identity;
        this.outvoted = OutvotedMark.in(directory).read();
        this.logTime = OfflineStore.instant(opened.store().logTime());
        this.fileBytes = fileBytes;
        this.index = opened.index();
    }

    static Inspection of(Path directory, OfflineStore opened, boolean countRows) throws IOException {
        Map<String, Long> rows = new TreeMap<>();
        if (countRows) {
            opened.view().tables().forEach(table -> rows.put(table.getTable(), 0L));
            opened.forEachRow(List.of(), row -> rows.merge(row.table(), 1L, Long::sum));
        }
        return new Inspection(directory, opened, rows, identity(directory), bytesOf(directory.resolve("store")));
    }

    /** Lines of a name and a value, as the server wrote them. */
    private static List<String> identity(Path directory) throws IOException {
        if (Files.exists(directory.resolve(IDENTITY))) {
            return Files.readAllLines(directory.resolve(IDENTITY));
        }
        return Files.exists(directory.resolve(CLUSTER))
                ? List.of(
                        "replica",
                        "cluster "
                                + Files.readString(directory.resolve(CLUSTER)).strip())
                : List.of();
    }

    private static long bytesOf(Path directory) throws IOException {
        long bytes = 0;
        try (Stream<Path> files = Files.list(directory)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                bytes += Files.size(file);
            }
        }
        return bytes;
    }

    String text() {
        Counters counters = store.counters();
        TextTable facts = new TextTable("FIELD", "VALUE");
        facts.add("directory", directory.toString());
        facts.add("identity", String.join(", ", identity));
        outvoted.ifPresent(why -> facts.add("outvoted", why));
        facts.add("history", store.history().text());
        facts.add("checkpoint index", Long.toString(index));
        facts.add("log time", logTime.toString());
        facts.add("horizon", Long.toString(store.horizon()));
        facts.add("shards held", store.shards().count() + " of " + store.shardCount());
        facts.add("rows", Long.toString(counters.liveRows()));
        facts.add("live bytes", Quantities.bytes(counters.liveBytes()));
        facts.add("history bytes", Quantities.bytes(store.historyBytes()));
        facts.add("on disk", Quantities.bytes(fileBytes));
        facts.add("transition version", Integer.toString(store.transitionVersion()));
        TextTable list = new TextTable("TABLE", "STATE", "ROWS", "CREATED", "MODIFIED");
        for (Table table : tables) {
            Long count = rows.get(table.getTable());
            list.add(
                    table.getTable(),
                    state(table),
                    count == null ? "" : count.toString(),
                    Long.toString(table.getCreatedIndex()),
                    Long.toString(table.getModifiedIndex()));
        }
        return facts + "\n" + list;
    }

    Fields fields() {
        Counters counters = store.counters();
        List<Map<String, Object>> list = new ArrayList<>();
        for (Table table : tables) {
            list.add(Fields.of()
                    .with("table", table.getTable())
                    .with("state", state(table))
                    .with("row_count", rows.get(table.getTable()))
                    .with("created_index", table.getCreatedIndex())
                    .with("modified_index", table.getModifiedIndex())
                    .toMap());
        }
        return Fields.of()
                .with("directory", directory.toString())
                .with("identity", identity)
                .withText("outvoted", outvoted.orElse(""))
                .with("history_id", store.history().text())
                .with("checkpoint_index", index)
                .with("log_time", logTime)
                .with("horizon", store.horizon())
                .with("shard_count", store.shardCount())
                .with("shards_held", store.shards().count())
                .with("row_count", counters.liveRows())
                .with("live_bytes", counters.liveBytes())
                .with("history_bytes", store.historyBytes())
                .with("disk_bytes", fileBytes)
                .with("transition_version", store.transitionVersion())
                .with("tables", list);
    }

    private static String state(Table table) {
        return table.getState().name().replace("TABLE_STATE_", "").toLowerCase(java.util.Locale.ROOT);
    }
}
