// SPDX-License-Identifier: Apache-2.0
package io.tidemark.benchmarks;

import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * What a duel runs.
 *
 * @param latencyMillis how long a reader is watched, quiet and again while rows are written
 */
record DuelOptions(
        List<Dataset> data, Set<Kind> contenders, Set<Part> parts, int rounds, int reads, int latencyMillis) {
    /** What is measured. Loading and compacting always happen. */
    enum Part {
        LOAD,
        GET,
        SCAN,
        CHECKPOINT,
        LATENCY
    }

    static final DuelOptions USUAL = new DuelOptions(
            List.of(Dataset.SMALL_ROWS, Dataset.LARGE_ROWS),
            EnumSet.allOf(Kind.class),
            EnumSet.allOf(Part.class),
            5,
            200_000,
            4000);

    /** Reads {@code data=1000000x128,... contenders=tidemark,rocksdb parts=get,scan rounds=5}, each optional. */
    static DuelOptions parse(String... args) {
        DuelOptions options = USUAL;
        for (String arg : args) {
            String value = arg.substring(arg.indexOf('=') + 1);
            List<String> values = Arrays.asList(value.toUpperCase(Locale.ROOT).split(",", -1));
            options = switch (arg.substring(0, Math.max(0, arg.indexOf('=')))) {
                case "data" ->
                    options.withData(values.stream()
                            .map(one -> Dataset.parse(one.toLowerCase(Locale.ROOT)))
                            .toList());
                case "contenders" ->
                    new DuelOptions(
                            options.data,
                            EnumSet.copyOf(values.stream().map(Kind::valueOf).toList()),
                            options.parts,
                            options.rounds,
                            options.reads,
                            options.latencyMillis);
                case "parts" ->
                    new DuelOptions(
                            options.data,
                            options.contenders,
                            EnumSet.copyOf(values.stream().map(Part::valueOf).toList()),
                            options.rounds,
                            options.reads,
                            options.latencyMillis);
                case "rounds" -> options.withRounds(Integer.parseInt(value), options.reads, options.latencyMillis);
                default ->
                    throw new IllegalArgumentException(arg + " (expected: data=, contenders=, parts= or rounds=)");
            };
        }
        return options;
    }

    DuelOptions withData(List<Dataset> other) {
        return new DuelOptions(other, contenders, parts, rounds, reads, latencyMillis);
    }

    DuelOptions withRounds(int otherRounds, int otherReads, int otherMillis) {
        return new DuelOptions(data, contenders, parts, otherRounds, otherReads, otherMillis);
    }
}
