// SPDX-License-Identifier: Apache-2.0
package io.tidemark.benchmarks;

import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** Merging four tables of ten thousand changes each with all the rows. */
@BenchmarkMode(Mode.SingleShotTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Fork(1)
@Warmup(iterations = 2)
@Measurement(iterations = 5)
public class CompactionBenchmark {
    private static final int TABLES = 4;

    /** The tables. */
    @State(Scope.Benchmark)
    public static class Tables {
        @Setup(Level.Invocation)
        public void add(LoadedStore loaded) {
            loaded.addTables(TABLES);
        }
    }

    @Benchmark
    public void mergeAll(LoadedStore loaded, Tables tables) {
        loaded.store.compact();
    }
}
