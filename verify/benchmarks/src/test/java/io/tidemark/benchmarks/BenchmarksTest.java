// SPDX-License-Identifier: Apache-2.0
package io.tidemark.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.options.Options;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;

/** Runs everything once with a few rows, so that it still runs when somebody needs figures. */
class BenchmarksTest {
    private static final Dataset TINY = new Dataset(300, 40);

    @TempDir
    Path directory;

    @Test
    void shouldRunEveryBenchmark() throws Exception {
        Options once = new OptionsBuilder()
                .include(getClass().getPackageName())
                .param("dataset", TINY.toString())
                .param("contender", "TIDEMARK", "ROCKSDB")
                .param("waiting", "2")
                .param("rows", "10")
                .param("puts", "3")
                .forks(0)
                .warmupIterations(0)
                .measurementIterations(1)
                .measurementTime(TimeValue.milliseconds(1))
                .shouldFailOnError(true)
                .verbosity(VerboseMode.SILENT)
                .build();
        assertThat(new Runner(once).run()).hasSize(2 * 7 + 9);
    }

    @Test
    void shouldPrintATableOfRatios() {
        Report report = new Report("tiny");
        Duel.run(TINY, DuelOptions.parse("contenders=tidemark,store,rocksdb").withRounds(1, 100, 4), report);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        report.print(new PrintStream(out, true, StandardCharsets.UTF_8));
        assertThat(out.toString(StandardCharsets.UTF_8))
                .contains("| load a row", "| get, compacted | TIDEMARK |", "reader p99, the second by the first");
    }

    @Test
    void shouldFindWhatAKilledProcessLoaded() throws Exception {
        BigStore.run(Kind.STORE, directory, TINY);
    }

    @Test
    void shouldReadOptions() {
        DuelOptions options = DuelOptions.parse("data=10x20,30x40", "rounds=3", "parts=get,scan");
        assertThat(options.data()).isEqualTo(List.of(new Dataset(10, 20), new Dataset(30, 40)));
        assertThat(options.rounds()).isEqualTo(3);
        assertThat(options.parts()).containsExactly(DuelOptions.Part.GET, DuelOptions.Part.SCAN);
    }

    @Test
    void shouldTellLatenciesApart() {
        Latencies latencies = new Latencies();
        for (int micros = 1; micros <= 1000; micros++) {
            latencies.add(micros * 1000L);
        }
        assertThat(latencies.micros(0.5)).isBetween(480.0, 500.0);
        assertThat(latencies.micros(0.99)).isBetween(955.0, 990.0);
    }
}
