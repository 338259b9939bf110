// SPDX-License-Identifier: Apache-2.0
package io.tidemark.benchmarks;

import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Warmup;

/** Single rows by random key, and a hundred of them at one state. */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class GetBenchmark {
    @Benchmark
    public byte @Nullable [] present(LoadedStore loaded, LoadedStore.Next next) {
        return loaded.store.get(next.of(loaded.present));
    }

    @Benchmark
    public byte @Nullable [] absent(LoadedStore loaded, LoadedStore.Next next) {
        return loaded.store.get(next.of(loaded.absent));
    }

    @Benchmark
    public int batchOf100(LoadedStore loaded, LoadedStore.Next next) {
        return loaded.store.getAll(next.hundredOf(loaded.present));
    }
}
