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

/** How long it takes until ten thousand commits of one row, and all that follows from them, are durable. */
@BenchmarkMode(Mode.SingleShotTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Fork(1)
@Warmup(iterations = 5)
@Measurement(iterations = 10)
public class StoreCheckpointBenchmark {
    /** The commits. */
    @State(Scope.Benchmark)
    public static class Changes {
        @Setup(Level.Invocation)
        public void make(LoadedState loaded) {
            loaded.change();
        }
    }

    @Benchmark
    public void checkpoint(LoadedState loaded, Changes changes) {
        loaded.fixture.checkpoint();
    }
}
