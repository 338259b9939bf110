// SPDX-License-Identifier: Apache-2.0
package io.tidemark.store.engine;

import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Swaps durable states. Each is written as two manifests of equal content, generations g and g + 1, before CURRENT is
 * renamed to name g + 1: one damaged file never costs an acknowledged checkpoint. Used under the engine's publish lock.
 */
final class ManifestStore {
    static final String PREFIX = "MANIFEST-";
    static final String CURRENT = "CURRENT";
    static final String CURRENT_NEW = "CURRENT.new";
    private static final int MAGIC = 0x746D4301;

    private final Storage storage;
    private long generation;
    private long inForce;
    private boolean fallback;
    private boolean swapUncertain;
    private volatile int failedSyncs;

    ManifestStore(Storage storage) {
        this.storage = storage;
    }

    /** Whether {@link #open} found a damaged manifest or CURRENT, and replaced it from its twin. */
    boolean openedFromFallback() {
        return fallback;
    }

    /**
     * Whether the last {@link #write} failed where CURRENT may already name the new state on disk. Its files must then
     * stay until a later write succeeds.
     */
    boolean swapUncertain() {
        return swapUncertain;
    }

    /** The state in force, durable; makes an empty one in a new directory. */
    Manifest open() throws IOException {
        List<String> names = storage.list();
        List<Long> generations = names.stream()
                .filter(name -> name.matches(PREFIX + "[0-9]{1,18}"))
                .map(name -> Long.parseLong(name.substring(PREFIX.length())))
                .sorted(Comparator.reverseOrder())
                .toList();
        if (!wasUsed(names, generations)) {
            return create();
        }
        generation = generations.isEmpty() ? 0 : generations.get(0) + (generations.get(0) & 1);
        Long current = readCurrent();
        Manifest manifest = readPair(current == null ? generation : current);
        long even = manifest.generation() + (manifest.generation() & 1);
        inForce = even;
        if (fallback || !isWhole(manifest.atGeneration(even - 1))) {
            fallback = true;
            write(manifest);
        } else {
            // A process that ended between renaming CURRENT and this left a state that a power cut could still undo.
            syncDirectory();
        }
        Set<String> named = new HashSet<>(manifest.files());
        named.add(PREFIX + inForce);
        named.add(PREFIX + (inForce - 1));
        Orphans.deleteAll(storage, named);
        return manifest;
    }

    /**
     * A birth writes the pair (1, 2) and then CURRENT; whatever else is there, a state has been in force. So a directory
     * whose manifests are all damaged is never taken for a new one.
     */
    private static boolean wasUsed(List<String> names, List<Long> generations) {
        return names.contains(CURRENT)
                || names.stream().anyMatch(name -> name.startsWith(TableName.PREFIX))
                || generations.stream().anyMatch(found -> found > 2);
    }

    /** Over what a birth that was cut short has left. */
    private Manifest create() throws IOException {
        Manifest empty = Manifest.empty();
        generation = 0;
        write(empty);
        return empty;
    }

    private @Nullable Long readCurrent() throws IOException {
        try {
            return decodeCurrent(readAgain(CURRENT));
        } catch (CorruptionException damaged) {
            fallback = true;
            return null;
        }
    }

    /**
     * The state that CURRENT names or, without it, the newest: its tables were durable before it was written. An older
     * pair, left by a deletion that failed, never serves: it would silently take back acknowledged checkpoints.
     */
    private Manifest readPair(long newest) throws IOException {
        CorruptionException damage = null;
        for (long candidate = newest; candidate >= newest - 1; candidate--) {
            String file = PREFIX + candidate;
            try {
                Manifest manifest = Manifest.decode(file, readAgain(file));
                if (manifest.generation() != candidate) {
                    throw new CorruptionException(file, -1, "generation: " + manifest.generation());
                }
                return manifest;
            } catch (CorruptionException damaged) {
                fallback = true;
                damage = damage == null ? damaged : damage;
            }
        }
        String why = damage == null ? "" : ": " + damage.getMessage();
        throw new CorruptionException(PREFIX + newest, -1, "neither it nor its twin is readable" + why, damage);
    }

    /** A damaged twin is replaced before it is needed. */
    private boolean isWhole(Manifest twin) throws IOException {
        String file = PREFIX + twin.generation();
        return storage.list().contains(file) && Arrays.equals(storage.read(file), twin.encode());
    }

    /** When this returns, the state survives a crash. When it throws, the old one is in force (or see swapUncertain). */
    void write(Manifest state) throws IOException {
        long older = generation;
        generation += 2;
        swapUncertain = false;
        try {
            for (long copy = generation - 1; copy <= generation; copy++) {
                Checked.write(storage, PREFIX + copy, state.atGeneration(copy).encode());
            }
            Checked.write(storage, CURRENT_NEW, encodeCurrent(generation));
            syncDirectory();
        } catch (IOException e) {
            Orphans.tryDelete(storage, CURRENT_NEW);
            Orphans.tryDelete(storage, PREFIX + generation);
            Orphans.tryDelete(storage, PREFIX + (generation - 1));
            throw e;
        }
        swapUncertain = true;
        storage.rename(CURRENT_NEW, CURRENT);
        syncDirectory();
        swapUncertain = false;
        for (long replaced = Math.max(1, inForce - 1); replaced <= older; replaced++) {
            Orphans.tryDelete(storage, PREFIX + replaced);
        }
        inForce = generation;
    }

    @SuppressWarnings("NonAtomicVolatileUpdate") // written under the publish lock alone
    private void syncDirectory() throws IOException {
        try {
            storage.syncDirectory();
        } catch (IOException e) {
            failedSyncs++;
            throw e;
        }
    }

    /**
     * How often the directory could not be synced. Names given before such a failure may be lost even when a later sync
     * succeeds.
     */
    int failedSyncs() {
        return failedSyncs;
    }

    /** Reads both manifests and CURRENT again; they must say what was written to them. */
    void scrub(Manifest state) throws IOException {
        for (long copy = inForce - 1; copy <= inForce; copy++) {
            String file = PREFIX + copy;
            if (!Arrays.equals(readAgain(file), state.atGeneration(copy).encode())) {
                throw new CorruptionException(file, -1, "not as written");
            }
        }
        byte[] current = readAgain(CURRENT);
        long named = decodeCurrent(current);
        if (named != inForce && !swapUncertain) {
            throw new CorruptionException(CURRENT, -1, "generation: " + named + " (expected: " + inForce + ")");
        }
    }

    /** What the files of a new directory that holds this state are, in the order of their writing. */
    static Map<String, byte[]> firstFiles(Manifest state) throws IOException {
        Map<String, byte[]> files = new LinkedHashMap<>();
        for (long copy = 1; copy <= 2; copy++) {
            files.put(PREFIX + copy, state.atGeneration(copy).encode());
        }
        files.put(CURRENT, encodeCurrent(2));
        return files;
    }

    private static byte[] encodeCurrent(long generation) throws IOException {
        return Checked.encode(MAGIC, out -> out.writeLong(generation));
    }

    private byte[] readAgain(String file) throws IOException {
        try {
            return storage.read(file);
        } catch (NoSuchFileException e) {
            throw new CorruptionException(file, -1, "missing", e);
        }
    }

    private static long decodeCurrent(byte[] bytes) {
        return Checked.decode(CURRENT, bytes, MAGIC, in -> in.readLong());
    }
}
