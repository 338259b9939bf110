// SPDX-License-Identifier: Apache-2.0
package io.tidemark.benchmarks;

import io.tidemark.store.KeySpan;
import io.tidemark.store.StoredRow;
import io.tidemark.store.state.RowScan;
import io.tidemark.store.state.StoreView;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Warmup;

/** What a whole store answers reads with: decoded rows, from a view for each read. */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class StoreReadBenchmark {
    private static final int SCAN_ROWS = 100;

    @Benchmark
    public @Nullable StoredRow get(LoadedState loaded, LoadedState.Next next) {
        try (StoreView view = loaded.fixture.store().view()) {
            return view.get(next.of(loaded));
        }
    }

    @Benchmark
    public List<@Nullable StoredRow> batchOf100(LoadedState loaded, LoadedState.Next next) {
        try (StoreView view = loaded.fixture.store().view()) {
            return view.get(next.hundredOf(loaded));
        }
    }

    @Benchmark
    public int scanOf100(LoadedState loaded, LoadedState.Next next) {
        KeySpan span = new KeySpan(StoreFixture.TABLE, next.of(loaded).key(), null);
        int seen = 0;
        try (StoreView view = loaded.fixture.store().view();
                RowScan scan = view.scan(RowScan.Request.of(span))) {
            while (seen < SCAN_ROWS && scan.next() != null) {
                seen++;
            }
        }
        return seen;
    }
}
