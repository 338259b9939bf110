// SPDX-License-Identifier: Apache-2.0
package io.tidemark.benchmarks;

import io.tidemark.store.StoredRow;
import io.tidemark.store.state.StoreView;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Warmup;

/** Closing and opening a whole store, and its first row. */
@BenchmarkMode(Mode.SingleShotTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Fork(1)
@Warmup(iterations = 3)
@Measurement(iterations = 10)
public class StoreOpenBenchmark {
    @Benchmark
    public @Nullable StoredRow openAndGet(LoadedState loaded, LoadedState.Next next) {
        loaded.fixture.reopen();
        try (StoreView view = loaded.fixture.store().view()) {
            return view.get(next.of(loaded));
        }
    }
}
