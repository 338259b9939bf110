// SPDX-License-Identifier: Apache-2.0
package io.tidemark.bench;

import java.util.Map;
import java.util.OptionalDouble;
import org.HdrHistogram.Histogram;

/**
 * What a run measured. A call belongs to it if it was due within the measured time, however late it was answered.
 *
 * @param seconds how long was measured
 * @param latencies of the calls that were answered, by kind; in a closed loop from sending, in an open one from when the call
 *     was due
 * @param errors how many calls failed, by reason
 * @param absent how many gets found no row
 * @param clientCpuSeconds what this process took
 * @param clientAllocatedBytes what it allocated, the load's own keys and values included
 * @param serverCpuSeconds what the servers took; absent if they were not named
 */
public record Result(
        double seconds,
        Map<Kind, Latencies> latencies,
        Map<String, Long> errors,
        long absent,
        double clientCpuSeconds,
        double clientAllocatedBytes,
        OptionalDouble serverCpuSeconds) {

    private static final double CALLS_PER_CPU_FIGURE = 100_000;

    public Result {
        latencies = Map.copyOf(latencies);
        errors = Map.copyOf(errors);
    }

    /**
     * How long calls took, in nanoseconds.
     *
     * @param count how many there were; the others are 0 if there were none
     */
    public record Latencies(long count, long p50, long p90, long p99, long p999, long max) {

        static Latencies of(Histogram histogram) {
            return new Latencies(
                    histogram.getTotalCount(),
                    histogram.getValueAtPercentile(50),
                    histogram.getValueAtPercentile(90),
                    histogram.getValueAtPercentile(99),
                    histogram.getValueAtPercentile(99.9),
                    histogram.getMaxValue());
        }
    }

    /** How many calls were answered. */
    public long calls() {
        return latencies.values().stream().mapToLong(Latencies::count).sum();
    }

    /** Calls answered per second. */
    public double rate() {
        return calls() / seconds;
    }

    /** How many calls failed. */
    public long failed() {
        return errors.values().stream().mapToLong(Long::longValue).sum();
    }

    /** CPU seconds of this process for 100,000 calls. */
    public double clientCpuPer100k() {
        return clientCpuSeconds * CALLS_PER_CPU_FIGURE / Math.max(1, calls());
    }

    /** Bytes that this process allocated for each call. */
    public double clientAllocatedPerCall() {
        return clientAllocatedBytes / Math.max(1, calls());
    }

    /** CPU seconds of all servers for 100,000 calls. */
    public OptionalDouble serverCpuPer100k() {
        return serverCpuSeconds.isEmpty()
                ? OptionalDouble.empty()
                : OptionalDouble.of(serverCpuSeconds.getAsDouble() * CALLS_PER_CPU_FIGURE / Math.max(1, calls()));
    }
}
