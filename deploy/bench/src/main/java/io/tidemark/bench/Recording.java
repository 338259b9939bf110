// SPDX-License-Identifier: Apache-2.0
package io.tidemark.bench;

import io.grpc.Status;
import io.tidemark.api.ErrorReasons;
import io.tidemark.api.ErrorStatus;
import java.util.EnumMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.Recorder;

/** What became of the calls of a run, inside its measured time and outside. Thread-safe. */
final class Recording {

    private static final int DIGITS = 3;

    private final long measuredFrom;
    private final long measuredTo;
    private final Map<Kind, Recorder> measured = new EnumMap<>(Kind.class);
    private final Map<Kind, Recorder> current = new EnumMap<>(Kind.class);
    private final Map<String, LongAdder> errors = new ConcurrentHashMap<>();
    private final LongAdder absent = new LongAdder();
    private final LongAdder failuresSoFar = new LongAdder();

    /** Measures the calls that are due from one time (inclusive) to the other (exclusive), by {@code System.nanoTime}. */
    Recording(long measuredFrom, long measuredTo) {
        this.measuredFrom = measuredFrom;
        this.measuredTo = measuredTo;
        for (Kind kind : Kind.values()) {
            measured.put(kind, new Recorder(DIGITS));
            current.put(kind, new Recorder(DIGITS));
        }
    }

    void answered(Kind kind, boolean present, long due, long now) {
        long latency = Math.max(0, now - due);
        recorder(current, kind).recordValue(latency);
        if (isMeasured(due)) {
            recorder(measured, kind).recordValue(latency);
            if (!present) {
                absent.increment();
            }
        }
    }

    void failed(Throwable failure, long due) {
        failed(reasonOf(failure), due);
    }

    void failed(String reason, long due) {
        failuresSoFar.increment();
        if (isMeasured(due)) {
            errors.computeIfAbsent(reason, key -> new LongAdder()).increment();
        }
    }

    /** The calls of both kinds that were answered since the last time this was asked. */
    Histogram takeCurrent() {
        Histogram both = new Histogram(DIGITS);
        current.values().forEach(recorder -> both.add(recorder.getIntervalHistogram()));
        return both;
    }

    /** All failures, measured or not. */
    long failuresSoFar() {
        return failuresSoFar.sum();
    }

    /** The measured latencies. To be asked once, at the end. */
    Map<Kind, Result.Latencies> latencies() {
        Map<Kind, Result.Latencies> latencies = new EnumMap<>(Kind.class);
        measured.forEach((kind, recorder) -> {
            Histogram histogram = recorder.getIntervalHistogram();
            if (histogram.getTotalCount() > 0) {
                latencies.put(kind, Result.Latencies.of(histogram));
            }
        });
        return latencies;
    }

    Map<String, Long> errors() {
        Map<String, Long> counts = new TreeMap<>();
        errors.forEach((reason, count) -> counts.put(reason, count.sum()));
        return counts;
    }

    long absent() {
        return absent.sum();
    }

    private boolean isMeasured(long due) {
        return due - measuredFrom >= 0 && due - measuredTo < 0;
    }

    private static Recorder recorder(Map<Kind, Recorder> recorders, Kind kind) {
        Recorder recorder = recorders.get(kind);
        if (recorder == null) {
            throw new IllegalStateException("no recorder for " + kind);
        }
        return recorder;
    }

    /** Tidemark's own reason, or what gRPC says. */
    private static String reasonOf(Throwable failure) {
        return ErrorStatus.from(failure)
                .map(status -> ErrorReasons.nameOf(status.reason()))
                .orElseGet(() -> "grpc " + Status.fromThrowable(failure).getCode());
    }
}
