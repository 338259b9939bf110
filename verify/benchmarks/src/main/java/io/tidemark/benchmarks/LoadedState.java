// SPDX-License-Identifier: Apache-2.0
package io.tidemark.benchmarks;

import io.tidemark.proto.v1.Mutation;
import io.tidemark.store.RowName;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** A whole store with a data set, compacted, and the names of some of its rows. */
@State(Scope.Benchmark)
public class LoadedState {
    private static final int NAMES = 1 << 17;
    private static final int COMMIT_ROWS = 512;

    @Param({"1000000x128", "400000x1024"})
    String dataset = "";

    Dataset data = Dataset.SMALL_ROWS;
    Scratch scratch = Scratch.create();
    StoreFixture fixture = new StoreFixture(scratch.directory());
    List<RowName> names = List.of();
    int round;

    private final SplittableRandom random = new SplittableRandom(6);

    @Setup(Level.Trial)
    public void load() {
        data = Dataset.parse(dataset);
        for (int at = 0; at < data.rows(); at += COMMIT_ROWS) {
            Mutation[] puts = new Mutation[Math.min(COMMIT_ROWS, data.rows() - at)];
            for (int i = 0; i < puts.length; i++) {
                puts[i] = StoreFixture.put(data.key(at + i), data.value(at + i, round));
            }
            fixture.apply(List.of(StoreFixture.commit(puts)));
        }
        fixture.checkpoint();
        fixture.compact();
        names = Arrays.stream(data.presentKeys(NAMES, 1))
                .map(StoreFixture::name)
                .toList();
    }

    /** Overwrites ten thousand rows, or as many as make sense of a small data set. */
    int change() {
        int count = Math.min(10_000, data.rows() / 10);
        fixture.change(data, count, random, ++round);
        return count;
    }

    @TearDown(Level.Trial)
    public void drop() {
        fixture.close();
        scratch.close();
    }

    /** A thread's way through the names. */
    @State(Scope.Thread)
    public static class Next {
        private int number = (int) System.nanoTime();

        RowName of(LoadedState loaded) {
            return loaded.names.get(number++ & NAMES - 1);
        }

        List<RowName> hundredOf(LoadedState loaded) {
            int from = number & NAMES / 2 - 1;
            number += 100;
            return loaded.names.subList(from, from + 100);
        }
    }
}
