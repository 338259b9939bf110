// SPDX-License-Identifier: Apache-2.0
package io.tidemark.benchmarks;

import io.tidemark.store.feed.FeedRead;
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
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** 64 KiB of the feed, commits of one row, from where the newest ten thousand begin. */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class StoreFeedBenchmark {
    private static final long READ_BYTES = 64 << 10;

    /** Where the commits come from. */
    public enum Source {
        /** They are the newest, and still held. */
        MEMORY,
        /** The change index and the rows: a store just opened holds no commits. */
        DISK
    }

    /** The commits to read. */
    @State(Scope.Benchmark)
    public static class Commits {
        @Param
        Source from = Source.MEMORY;

        private final SplittableRandom random = new SplittableRandom(7);
        private long first;
        private int starts;

        @Setup(Level.Trial)
        public void make(LoadedState loaded) {
            first = loaded.fixture.store().appliedIndex();
            starts = Math.max(1, loaded.change() / 2);
            loaded.fixture.checkpoint();
            if (from == Source.DISK) {
                loaded.fixture.reopen();
            }
        }
    }

    @Benchmark
    public FeedRead read(LoadedState loaded, Commits commits) {
        long after = commits.first + commits.random.nextInt(commits.starts);
        return loaded.fixture.store().feed().read(after, READ_BYTES);
    }
}
