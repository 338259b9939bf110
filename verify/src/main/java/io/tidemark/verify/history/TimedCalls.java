// SPDX-License-Identifier: Apache-2.0
package io.tidemark.verify.history;

import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** Some calls of clients of the SDK, and what can be said of them together. */
public record TimedCalls(List<TimedCall> calls) {

    private static final double NANOS_PER_MILLI = 1e6;

    public TimedCalls {
        calls = List.copyOf(calls);
    }

    /** Those that began at or after the one and before the other moment. */
    public TimedCalls between(long from, long to) {
        return new TimedCalls(calls.stream()
                .filter(call -> call.start() - from >= 0 && call.start() - to < 0)
                .toList());
    }

    public TimedCalls reads() {
        return new TimedCalls(calls.stream().filter(TimedCall::read).toList());
    }

    public TimedCalls writes() {
        return new TimedCalls(calls.stream().filter(call -> !call.read()).toList());
    }

    /** How many there were of each way to fail. */
    public Map<String, Integer> failures() {
        Map<String, Integer> failures = new TreeMap<>();
        calls.stream()
                .filter(call -> !call.answered())
                .forEach(call -> failures.merge(call.outcome().substring(1), 1, Integer::sum));
        return failures;
    }

    /** How many each server answered. */
    public Map<String, Integer> servedBy() {
        Map<String, Integer> servers = new TreeMap<>();
        calls.stream().filter(TimedCall::answered).forEach(call -> servers.merge(call.outcome(), 1, Integer::sum));
        return servers;
    }

    /** Below which this part of them stayed, failed ones included; zero if there were none. */
    public Duration percentile(double part) {
        long[] sorted = calls.stream().mapToLong(TimedCall::nanos).sorted().toArray();
        return sorted.length == 0
                ? Duration.ZERO
                : Duration.ofNanos(sorted[Math.min(sorted.length - 1, (int) (sorted.length * part))]);
    }

    /** Those that outlived their deadline by more than this, for which a machine that was too busy is no excuse. */
    public List<TimedCall> overdueBy(Duration grace) {
        return calls.stream()
                .filter(call -> call.overdueNanos() > grace.toNanos())
                .toList();
    }

    /** The most that a call outlived its deadline; zero if none did. */
    public Duration mostOverdue() {
        return Duration.ofNanos(Math.max(
                0, calls.stream().mapToLong(TimedCall::overdueNanos).max().orElse(0)));
    }

    /** For people. */
    @Override
    public String toString() {
        return String.format(
                Locale.ROOT,
                "%d calls, p50 %.1f ms, p99 %.1f ms, max %.1f ms, served by %s, failures %s",
                calls.size(),
                percentile(0.5).toNanos() / NANOS_PER_MILLI,
                percentile(0.99).toNanos() / NANOS_PER_MILLI,
                percentile(1).toNanos() / NANOS_PER_MILLI,
                servedBy(),
                failures());
    }
}
