// SPDX-License-Identifier: Apache-2.0
package io.tidemark.bench;

import com.google.gson.GsonBuilder;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** A result, for people and for programs. */
final class Report {

    private static final double NANOS_PER_MILLI = 1e6;

    private Report() {}

    /** A line for each kind of call, then the rest. */
    static String table(Result result) {
        List<String> lines = new ArrayList<>();
        lines.add(String.format(
                Locale.ROOT,
                "%-5s %12s %12s %10s %10s %10s %10s %10s",
                "CALL",
                "COUNT",
                "PER SECOND",
                "P50 ms",
                "P90 ms",
                "P99 ms",
                "P99.9 ms",
                "MAX ms"));
        new TreeMap<>(result.latencies())
                .forEach((kind, latencies) -> lines.add(String.format(
                        Locale.ROOT,
                        "%-5s %12d %12.0f %10.3f %10.3f %10.3f %10.3f %10.3f",
                        nameOf(kind),
                        latencies.count(),
                        latencies.count() / result.seconds(),
                        latencies.p50() / NANOS_PER_MILLI,
                        latencies.p90() / NANOS_PER_MILLI,
                        latencies.p99() / NANOS_PER_MILLI,
                        latencies.p999() / NANOS_PER_MILLI,
                        latencies.max() / NANOS_PER_MILLI)));
        lines.add(String.format(
                Locale.ROOT, "errors: %d%s", result.failed(), result.errors().isEmpty() ? "" : " " + result.errors()));
        if (result.absent() > 0) {
            lines.add("gets that found no row: " + result.absent());
        }
        result.serverCpuPer100k()
                .ifPresent(cpu -> lines.add(String.format(
                        Locale.ROOT,
                        "servers' CPU: %.2f s per 100k calls (%.2f of a core)",
                        cpu,
                        result.serverCpuSeconds().orElseThrow() / result.seconds())));
        lines.add(String.format(
                Locale.ROOT,
                "this process' CPU: %.2f s per 100k calls (%.2f of a core)",
                result.clientCpuPer100k(),
                result.clientCpuSeconds() / result.seconds()));
        lines.add(String.format(
                Locale.ROOT, "this process' allocation: %.0f bytes per call", result.clientAllocatedPerCall()));
        return String.join(System.lineSeparator(), lines);
    }

    /** One object. Latencies are in milliseconds; what is unknown is left out. */
    static String json(Plan plan, Result result) {
        Map<String, Object> root = new LinkedHashMap<>();
        root.put("plan", planOf(plan));
        root.put("seconds", result.seconds());
        root.put("calls", result.calls());
        root.put("calls_per_second", result.rate());
        Map<String, Object> kinds = new LinkedHashMap<>();
        new TreeMap<>(result.latencies()).forEach((kind, latencies) -> kinds.put(nameOf(kind), latenciesOf(latencies)));
        root.put("latencies_ms", kinds);
        root.put("errors", new TreeMap<>(result.errors()));
        root.put("absent", result.absent());
        result.serverCpuSeconds().ifPresent(cpu -> root.put("server_cpu_seconds", cpu));
        result.serverCpuPer100k().ifPresent(cpu -> root.put("server_cpu_seconds_per_100k", cpu));
        root.put("client_cpu_seconds", result.clientCpuSeconds());
        root.put("client_cpu_seconds_per_100k", result.clientCpuPer100k());
        root.put("client_allocated_bytes_per_call", result.clientAllocatedPerCall());
        return toJson(root);
    }

    static String toJson(Map<String, Object> root) {
        return new GsonBuilder()
                .setPrettyPrinting()
                .disableHtmlEscaping()
                .create()
                .toJson(root);
    }

    static String line(Progress progress) {
        return String.format(
                Locale.ROOT,
                "%4d s  %-8s %9d/s  p50 %8.3f ms  p99 %8.3f ms  errors %d",
                progress.second(),
                progress.measuring() ? "measure" : "warm up",
                progress.calls(),
                progress.p50Nanos() / NANOS_PER_MILLI,
                progress.p99Nanos() / NANOS_PER_MILLI,
                progress.failuresSoFar());
    }

    private static Map<String, Object> planOf(Plan plan) {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("keys", plan.rows().keys());
        map.put("key_bytes", plan.rows().keyBytes());
        map.put("value_bytes", plan.rows().valueBytes());
        map.put("distribution", plan.rows().distribution().name().toLowerCase(Locale.ROOT));
        map.put("read_share", plan.readShare());
        map.put("outstanding", plan.outstanding());
        plan.rate().ifPresent(rate -> map.put("rate", rate));
        map.put("warm_up_seconds", plan.warmUp().toNanos() / 1e9);
        map.put("duration_seconds", plan.duration().toNanos() / 1e9);
        return map;
    }

    private static Map<String, Object> latenciesOf(Result.Latencies latencies) {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("count", latencies.count());
        map.put("p50", latencies.p50() / NANOS_PER_MILLI);
        map.put("p90", latencies.p90() / NANOS_PER_MILLI);
        map.put("p99", latencies.p99() / NANOS_PER_MILLI);
        map.put("p99_9", latencies.p999() / NANOS_PER_MILLI);
        map.put("max", latencies.max() / NANOS_PER_MILLI);
        return map;
    }

    private static String nameOf(Kind kind) {
        return kind.name().toLowerCase(Locale.ROOT);
    }
}
