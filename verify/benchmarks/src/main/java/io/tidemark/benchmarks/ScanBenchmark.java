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
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** A hundred rows from a random key, of a compacted store and of one with tables that wait for compaction. */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class ScanBenchmark {
    /** Tables above the compacted ones. */
    @State(Scope.Benchmark)
    public static class Tables {
        @Param({"0", "5"})
        int waiting;

        @Setup(Level.Trial)
        public void add(LoadedStore loaded) {
            loaded.addTables(waiting);
        }
    }

    @Benchmark
    public int hundredRows(LoadedStore loaded, Tables tables, LoadedStore.Next next) {
        return loaded.store.scan(next.of(loaded.present), 100);
    }
}
