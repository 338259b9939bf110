// SPDX-License-Identifier: Apache-2.0
package io.tidemark.benchmarks;

import java.util.SplittableRandom;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** A contender with a data set, compacted, and keys to ask for. */
@State(Scope.Benchmark)
public class LoadedStore {
    private static final int KEYS = 1 << 17;

    @Param({"TIDEMARK", "ROCKSDB", "SKIPLIST"})
    Kind contender = Kind.TIDEMARK;

    @Param({"1000000x128", "400000x1024"})
    String dataset = "";

    Dataset data = Dataset.SMALL_ROWS;
    Scratch scratch = Scratch.create();
    Contender store = new SkipListContender();
    byte[][] present = {};
    byte[][] absent = {};

    @Setup(Level.Trial)
    public void load() {
        data = Dataset.parse(dataset);
        store = contender.open(scratch.directory());
        data.load(store, 0, data.rows(), 1000, 200_000, 0);
        store.checkpoint();
        store.compact();
        present = data.presentKeys(KEYS, 1);
        absent = data.absentKeys(KEYS, 2);
    }

    /** Leaves so many tables with ten thousand changes each above the compacted ones. */
    void addTables(int tables) {
        store.keepTables(true);
        SplittableRandom random = new SplittableRandom(3);
        for (int round = 1; round <= tables; round++) {
            data.change(store, Math.min(10_000, data.rows() / 10), random, round);
            store.checkpoint();
        }
    }

    @TearDown(Level.Trial)
    public void drop() {
        store.close();
        scratch.close();
    }

    /** A thread's way through the keys. */
    @State(Scope.Thread)
    public static class Next {
        private int number = (int) System.nanoTime();

        byte[] of(byte[][] keys) {
            return keys[number++ & KEYS - 1];
        }

        byte[][] hundredOf(byte[][] keys) {
            byte[][] hundred = new byte[100][];
            for (int i = 0; i < hundred.length; i++) {
                hundred[i] = of(keys);
            }
            return hundred;
        }
    }
}
