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

/** Closing and opening a store, and its first row. */
@BenchmarkMode(Mode.SingleShotTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Fork(1)
@Warmup(iterations = 3)
@Measurement(iterations = 10)
public class OpenBenchmark {
    @Benchmark
    public byte @Nullable [] openAndGet(LoadedStore loaded, LoadedStore.Next next) {
        loaded.store.reopen();
        return loaded.store.get(next.of(loaded.present));
    }
}
