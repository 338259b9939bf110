// SPDX-License-Identifier: Apache-2.0
package io.tidemark.benchmarks;

import io.tidemark.proto.v1.CommitRequest;
import io.tidemark.proto.v1.Mutation;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
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
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** An entry of random overwrites. The memtable goes to disk between the iterations, and when it is full. */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
public class StoreApplyBenchmark {
    /** Who asked for the puts of an entry. */
    public enum Shape {
        /** As many callers, each with one: what a leader groups. */
        GROUPED,
        /** One caller. */
        ONE_COMMIT
    }

    /** Entries, but for their request ids. */
    @State(Scope.Benchmark)
    public static class Entries {
        private static final int COUNT = 256;

        @Param({"1", "64", "512"})
        int puts = 1;

        @Param
        Shape shape = Shape.GROUPED;

        private List<List<CommitRequest>> commits = List.of();
        private int next;

        @Setup(Level.Iteration)
        public void make(LoadedState loaded) {
            SplittableRandom random = new SplittableRandom(++loaded.round);
            commits = IntStream.range(0, COUNT)
                    .mapToObj(i -> entry(loaded, random.ints(puts, 0, loaded.data.rows())))
                    .toList();
        }

        private List<CommitRequest> entry(LoadedState loaded, IntStream rows) {
            Mutation[] made = rows.mapToObj(number ->
                            StoreFixture.put(loaded.data.key(number), loaded.data.value(number, loaded.round)))
                    .toArray(Mutation[]::new);
            return shape == Shape.ONE_COMMIT
                    ? List.of(StoreFixture.commit(made))
                    : List.of(made).stream().map(StoreFixture::commit).toList();
        }

        @TearDown(Level.Iteration)
        public void checkpoint(LoadedState loaded) {
            loaded.fixture.checkpoint();
        }
    }

    @Benchmark
    public void entry(LoadedState loaded, Entries entries) {
        loaded.fixture.apply(entries.commits.get(entries.next++ & Entries.COUNT - 1));
    }
}
