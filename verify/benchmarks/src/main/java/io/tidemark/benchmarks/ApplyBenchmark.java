// SPDX-License-Identifier: Apache-2.0
package io.tidemark.benchmarks;

import java.util.SplittableRandom;
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
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** A commit of random overwrites. What the memtable holds goes to disk between the iterations. */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class ApplyBenchmark {
    /** Commits to apply. */
    @State(Scope.Benchmark)
    public static class Commits {
        private final SplittableRandom random = new SplittableRandom(4);

        @Param({"1", "100"})
        int rows;

        private int round;

        @TearDown(Level.Iteration)
        public void checkpoint(LoadedStore loaded) {
            loaded.store.checkpoint();
            round++;
        }
    }

    @Benchmark
    public void commit(LoadedStore loaded, Commits commits) {
        loaded.data.changeOnce(loaded.store, commits.rows, commits.random, commits.round);
    }
}
