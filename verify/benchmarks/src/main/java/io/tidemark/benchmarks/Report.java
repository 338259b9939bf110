// SPDX-License-Identifier: Apache-2.0
package io.tidemark.benchmarks;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/** Samples by what was measured and of whom, printed as a table. Progress goes to stderr as it comes. */
final class Report {
    private final String title;
    private final Map<String, Map<Kind, List<Sample>>> measures = new LinkedHashMap<>();

    Report(String title) {
        this.title = title;
    }

    void add(String measure, Kind kind, Sample sample) {
        measures.computeIfAbsent(measure, any -> new EnumMap<>(Kind.class))
                .computeIfAbsent(kind, any -> new ArrayList<>())
                .add(sample);
        System.err.printf(Locale.ROOT, "%s | %s | %s: %.3f us%n", title, measure, kind, sample.micros());
    }

    void print(PrintStream out) {
        out.printf("%n## %s%n%n", title);
        out.println("| measure | contender | median µs | least to most | × RocksDB | CPU µs | × RocksDB |");
        out.println("|---|---|---:|---:|---:|---:|---:|");
        measures.forEach((measure, byKind) -> byKind.forEach((kind, samples) -> out.printf(
                Locale.ROOT,
                "| %s | %s | %.2f | %.2f to %.2f | %s | %.2f | %s |%n",
                measure,
                kind,
                median(samples, Sample::micros),
                samples.stream().mapToDouble(Sample::micros).min().orElse(0),
                samples.stream().mapToDouble(Sample::micros).max().orElse(0),
                beside(byKind.get(Kind.ROCKSDB), samples, Sample::micros),
                median(samples, Sample::cpuMicros),
                beside(byKind.get(Kind.ROCKSDB), samples, Sample::cpuMicros))));
    }

    /** Above one is faster than RocksDB. */
    private static String beside(@Nullable List<Sample> rocks, List<Sample> samples, ToDoubleFunction<Sample> part) {
        double own = median(samples, part);
        return rocks == null || own == 0 ? "-" : String.format(Locale.ROOT, "%.2f", median(rocks, part) / own);
    }

    private static double median(List<Sample> samples, ToDoubleFunction<Sample> part) {
        double[] sorted = samples.stream().mapToDouble(part).sorted().toArray();
        int middle = sorted.length / 2;
        return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }
}
