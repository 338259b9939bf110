// SPDX-License-Identifier: Apache-2.0
package io.tidemark.launcher.cli.offline;

import com.google.protobuf.ByteString;
import io.tidemark.client.Row;
import io.tidemark.node.consensus.OutvotedMark;
import io.tidemark.proto.v1.Table;
import io.tidemark.server.process.DataDirectory;
import io.tidemark.server.process.StartException;
import io.tidemark.store.KeySpan;
import io.tidemark.store.LogTime;
import io.tidemark.store.NamedRow;
import io.tidemark.store.StoredRow;
import io.tidemark.store.engine.EngineException;
import io.tidemark.store.state.RowScan;
import io.tidemark.store.state.Store;
import io.tidemark.store.state.StoreOptions;
import io.tidemark.store.state.StoreView;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * The store of a stopped server, a node's or a replica's, as of its last checkpoint. What lies behind that in a node's log is not in it. The
 * server's own files stay as they are: links to them, and copies of the small ones, are opened in a directory beside, which goes when this
 * is closed. Meanwhile the server cannot be started. Of one thread.
 */
public final class OfflineStore implements AutoCloseable {

    private static final String STORE = "store";

    private final Path directory;
    private final DataDirectory held;
    private final LinkedCopy copy;
    private final Store store;
    private final StoreView view;

    /** Takes a row. */
    public interface RowConsumer {
        void accept(Row<byte[]> row) throws IOException;
    }

    private OfflineStore(Path directory, DataDirectory held, LinkedCopy copy, Store store) {
        this.directory = directory;
        this.held = held;
        this.copy = copy;
        this.store = store;
        this.view = store.view();
    }

    /**
     * Opens it.
     *
     * @throws StartException if it is no server's data directory, or the server runs
     * @throws EngineException if it is damaged
     */
    public static OfflineStore open(Path directory) throws IOException {
        if (!Files.isDirectory(directory.resolve(STORE))) {
            throw new StartException(
                    "directory " + directory + " holds no store (expected: the data-dir of a node or a replica)");
        }
        DataDirectory held = DataDirectory.open(directory);
        try {
            LinkedCopy copy = LinkedCopy.of(directory.resolve(STORE), directory);
            try {
                return new OfflineStore(directory, held, copy, Store.open(copy.path(), StoreOptions.defaults()));
            } catch (IllegalStateException e) {
                copy.close();
                throw new StartException("the store of " + directory + " cannot be opened: " + e.getMessage(), e);
            } catch (EngineException e) {
                copy.close();
                throw e;
            }
        } catch (IOException | RuntimeException e) {
            held.close();
            throw e;
        }
    }

    /** The index of its checkpoint. */
    public long index() {
        return view.index();
    }

    /** How many rows there are. */
    public long rowCount() {
        return store.counters().liveRows();
    }

    /** Why its rows are not those of the cluster, or not all of them, in words; empty: they are. */
    public String reservation() {
        int held = store.shards().count();
        String missing =
                held == store.shardCount() ? "" : ", which holds " + held + " of " + store.shardCount() + " shards";
        Optional<String> outvoted = OutvotedMark.in(directory).read();
        return missing + outvoted.map(why -> ", which was OUTVOTED: " + why).orElse("");
    }

    Store store() {
        return store;
    }

    StoreView view() {
        return view;
    }

    /**
     * All rows of some tables, by table and key.
     *
     * @param names none: of all
     * @throws StartException if one of the tables is not there
     */
    public void forEachRow(List<String> names, RowConsumer consumer) throws IOException {
        List<String> tables =
                names.isEmpty() ? view.tables().stream().map(Table::getTable).toList() : names;
        for (String name : tables) {
            if (view.table(name) == null) {
                throw new StartException(
                        "there is no table " + name + " (expected: one of those that 'tidemark inspect' names)");
            }
        }
        for (String name : tables) {
            try (RowScan scan = view.scan(RowScan.Request.of(KeySpan.all(name)).ofShards(view.readable()))) {
                for (NamedRow row = scan.next(); row != null; row = scan.next()) {
                    consumer.accept(of(row));
                }
            }
        }
    }

    private Row<byte[]> of(NamedRow named) {
        StoredRow row = named.row();
        ByteString value = row.value();
        return new Row<>(
                named.name().table(),
                named.name().key(),
                value.toByteArray(),
                row.contentType(),
                row.version(),
                row.createdIndex(),
                row.modifiedIndex(),
                instant(row.modifiedTime()),
                row.expireTime() == null ? null : instant(row.expireTime()),
                store.history().text());
    }

    static Instant instant(LogTime time) {
        return Instant.ofEpochSecond(time.seconds(), time.nanos());
    }

    @Override
    public void close() throws IOException {
        view.close();
        store.close();
        try {
            copy.close();
        } finally {
            held.close();
        }
    }
}
