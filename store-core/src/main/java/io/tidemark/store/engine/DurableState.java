// SPDX-License-Identifier: Apache-2.0
package io.tidemark.store.engine;

import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

/**
 * The tables on disk and the manifest that names them. Flush and compaction write their tables side by side; their
 * manifests are swapped one at a time, under this object's lock.
 */
final class DurableState {
    private final Storage storage;
    private final EngineOptions options;
    private final ManifestStore manifests;
    private final AtomicLong numbers;
    private final FilePins pins;
    private final List<Compaction.Outputs> uncertain = new ArrayList<>();
    private volatile Manifest manifest;
    private volatile Levels levels;

    private DurableState(Storage storage, EngineOptions options, ManifestStore manifests, Manifest manifest)
            throws IOException {
        this.storage = storage;
        this.options = options;
        this.manifests = manifests;
        this.pins = new FilePins(storage);
        this.manifest = manifest;
        this.numbers = new AtomicLong(manifest.nextNumber());
        this.levels = new Levels(openAll(manifest.tables()));
    }

    /** The tables come held once, for the version that the caller makes of them. */
    static DurableState open(Storage storage, EngineOptions options) throws IOException {
        ManifestStore manifests = new ManifestStore(storage);
        Manifest manifest = manifests.open();
        manifest.checkSpaces(options.spaces());
        return new DurableState(storage, options, manifests, manifest);
    }

    private List<Table> openAll(Collection<TableName> names) throws IOException {
        List<Table> tables = new ArrayList<>();
        try {
            for (TableName name : names) {
                tables.add(Table.open(storage, name));
            }
            return tables;
        } catch (Throwable e) {
            tables.forEach(Table::release);
            throw e;
        }
    }

    Manifest manifest() {
        return manifest;
    }

    Levels levels() {
        return levels;
    }

    boolean openedFromFallback() {
        return manifests.openedFromFallback();
    }

    private Compaction newOutput(Runnable betweenBytes) {
        return new Compaction(storage, options, numbers::getAndIncrement, betweenBytes, manifests.failedSyncs());
    }

    /** Makes a frozen memtable durable, then installs the new tables. */
    void flush(Frozen frozen, long horizon, Consumer<Levels> install) throws IOException {
        Compaction output = newOutput(() -> {});
        Applied end = frozen.end();
        long dropThrough = Math.min(horizon, end.index());
        RowCursor rows = new RetainedCursor(
                frozen.memtable().rows(null, null, Direction.ASCENDING), options, dropThrough, key -> false);
        long bytes = frozen.memtable().bytes();
        long count = Math.max(1, frozen.memtable().rowCount());
        Compaction.Expected expected = new Compaction.Expected(bytes, bytes / count, 0, end.index());
        output.writeWhole(rows, 0, expected);
        synchronized (this) {
            publish(output.take(), List.of(), end, dropThrough, install);
        }
    }

    /**
     * Takes over a hold of each input. Publishes the outputs in steps. Drops nothing that the durable index may still
     * need: after a crash the state is that of the durable index, so the horizon used is never above it.
     */
    void compact(CompactionPicker.Plan plan, long horizon, Runnable betweenBytes, Consumer<Levels> install)
            throws IOException {
        Compaction output = newOutput(betweenBytes);
        output.run(plan, levels, horizon, (outputs, passed) -> {
            synchronized (this) {
                Applied end = new Applied(manifest.index(), manifest.position());
                publish(outputs, passed, end, horizon, install);
            }
            passed.forEach(input -> pins.delete(input.name()));
        });
    }

    /** Pins under the lock, so that no table of the state is replaced before it is pinned. */
    CheckpointFiles pin() throws IOException {
        Manifest pinned;
        List<Table> tables;
        synchronized (this) {
            pinned = manifest;
            tables = levels.all();
            pins.pin(pinned.tables());
        }
        try {
            return new PinnedCheckpoint(storage, pins, pinned, tables);
        } catch (Throwable e) {
            pins.unpin(pinned.tables());
            throw e;
        }
    }

    /** Replaced tables that pinned checkpoints keep on disk. */
    Set<TableName> deferredDeletions() {
        return pins.deferred();
    }

    /** For when there is no table to compact: the horizon alone. */
    synchronized void persistHorizon(long horizon) throws IOException {
        if (horizon > manifest.horizon()) {
            Applied end = new Applied(manifest.index(), manifest.position());
            Compaction nothing = newOutput(() -> {});
            publish(nothing.take(), List.of(), end, horizon, unchanged -> {});
        }
    }

    /** The caller holds a version with the tables. Manifests are read under the lock, tables outside of it. */
    void scrub(List<Table> tables, ScrubProgress progress) throws IOException {
        long total =
                tables.stream().mapToLong(table -> table.name().tableBytes()).sum();
        long done = 0;
        synchronized (this) {
            manifests.scrub(manifest);
        }
        progress.read(0, total);
        for (Table table : tables) {
            table.scrub();
            scrubFooter(table);
            done += table.name().tableBytes();
            progress.read(done, total);
        }
    }

    /** Unlike the mapping, the footer's file goes when compaction replaces its table. */
    private void scrubFooter(Table table) throws IOException {
        String file = table.name().footerFile();
        try {
            byte[] bytes = storage.read(file);
            TableFooter.decode(file, bytes);
            if (Checked.storedCrc(bytes) != table.name().footerCrc()) {
                throw new CorruptionException(file, -1, "not the file that the manifest names");
            }
        } catch (NoSuchFileException e) {
            if (levels.all().contains(table)) {
                throw new CorruptionException(file, -1, "missing", e);
            }
        }
    }

    private void publish(
            Compaction.Outputs output,
            Collection<Table> replaced,
            Applied end,
            long droppedThrough,
            Consumer<Levels> install)
            throws IOException {
        List<Table> opened = List.of();
        Levels next;
        Manifest state;
        try {
            opened = openAll(output.tables());
            next = with(opened, replaced);
            state = new Manifest(
                    manifest.store(),
                    0,
                    end.index(),
                    end.position(),
                    Math.max(manifest.horizon(), droppedThrough),
                    numbers.get(),
                    options.spaces(),
                    next.all().stream().map(Table::name).toList());
            if (output.failedSyncsBefore() != manifests.failedSyncs()) {
                throw new IOException("the directory failed to sync while " + output.tables() + " were written");
            }
            manifests.write(state);
        } catch (Throwable e) {
            opened.forEach(Table::release);
            if (manifests.swapUncertain()) {
                uncertain.add(output);
            } else {
                output.discard();
            }
            throw e;
        }
        uncertain.forEach(Compaction.Outputs::discard);
        uncertain.clear();
        manifest = state;
        levels = next;
        install.accept(next);
        opened.forEach(Table::release);
    }

    private Levels with(List<Table> added, Collection<Table> replaced) {
        Set<Table> gone = new HashSet<>(replaced);
        List<Table> tables = new ArrayList<>(added);
        for (Table table : levels.all()) {
            if (!gone.contains(table)) {
                tables.add(table);
            }
        }
        return new Levels(tables);
    }

    void close() throws IOException {
        pins.close();
        storage.close();
    }
}
