// SPDX-License-Identifier: Apache-2.0
package io.tidemark.node;

import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.tidemark.node.write.EntryListener;
import io.tidemark.server.metrics.Buckets;
import io.tidemark.server.metrics.Figures;
import io.tidemark.store.transition.CommandResult;
import io.tidemark.store.transition.Outcome;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;

/** Counts commands and entries, with a few additions for each entry, however many commands it carries. Thread-safe. */
final class WriteMeters implements EntryListener {

    private static final String COMMANDS = "tidemark.node.commands";
    private static final String COMMANDS_MEANING = "Commands of the write path that ended, by how.";

    private final DistributionSummary entryCommands;
    private final DistributionSummary entryBytes;
    private final Timer durations;
    private final LongAdder changed = new LongAdder();
    private final LongAdder conditionsFailed = new LongAdder();
    private final LongAdder replayed = new LongAdder();
    private final LongAdder refused = new LongAdder();
    private final LongAdder nothing = new LongAdder();
    private final Map<End, LongAdder> ends = new EnumMap<>(End.class);

    WriteMeters(Figures figures) {
        MeterRegistry registry = figures.registry();
        entryCommands = DistributionSummary.builder("tidemark.node.entry.commands")
                .description("Commands in each entry that was proposed.")
                .serviceLevelObjectives(1, 2, 5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000)
                .register(registry);
        entryBytes = DistributionSummary.builder("tidemark.node.entry.bytes")
                .description("Size of each entry that was proposed.")
                .serviceLevelObjectives(256, 1 << 10, 4 << 10, 16 << 10, 64 << 10, 256 << 10, 1 << 20, 4 << 20, 8 << 20)
                .register(registry);
        durations = Timer.builder("tidemark.node.write.duration")
                .description(
                        "Of each applied entry: from the admission of the command that waited longest to its outcome.")
                .serviceLevelObjectives(Buckets.durations())
                .register(registry);
        count(figures, "changed", changed);
        count(figures, "conditions_failed", conditionsFailed);
        count(figures, "replayed", replayed);
        count(figures, "refused", refused);
        count(figures, "nothing", nothing);
        for (End end : End.values()) {
            LongAdder adder = new LongAdder();
            ends.put(end, adder);
            count(figures, end.name().toLowerCase(Locale.ROOT), adder);
        }
    }

    private static void count(Figures figures, String outcome, LongAdder adder) {
        figures.counter(COMMANDS, COMMANDS_MEANING, adder::sum, "outcome", outcome);
    }

    @Override
    public void proposed(int commands, long bytes) {
        entryCommands.record(commands);
        entryBytes.record((double) bytes);
    }

    @Override
    public void applied(List<CommandResult> results, long nanos) {
        durations.record(nanos, TimeUnit.NANOSECONDS);
        int[] counts = new int[5];
        for (CommandResult result : results) {
            counts[kind(result.outcome())]++;
        }
        add(changed, counts[0]);
        add(conditionsFailed, counts[1]);
        add(replayed, counts[2]);
        add(refused, counts[3]);
        add(nothing, counts[4]);
    }

    private static int kind(Outcome outcome) {
        if (outcome instanceof Outcome.ConditionsFailed) {
            return 1;
        }
        if (outcome instanceof Outcome.Replayed) {
            return 2;
        }
        if (outcome instanceof Outcome.Refused) {
            return 3;
        }
        return outcome instanceof Outcome.Nothing ? 4 : 0;
    }

    private static void add(LongAdder adder, int count) {
        if (count > 0) {
            adder.add(count);
        }
    }

    @Override
    public void ended(End end, int commands) {
        LongAdder adder = ends.get(end);
        if (adder != null) {
            adder.add(commands);
        }
    }
}
