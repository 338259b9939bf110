// SPDX-License-Identifier: Apache-2.0
package io.tidemark.verify.peers;

import io.tidemark.bench.FollowerDelay;
import io.tidemark.bench.Result;
import io.tidemark.verify.peers.Peer.Name;
import java.io.PrintWriter;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;

/** The figures as tables: medians, the lowest and highest round behind them. */
final class Markdown {

    private static final double NANOS_PER_MILLI = 1e6;
    private static final double PERCENT = 100;

    private Markdown() {}

    static void figures(Map<Measure, Map<Name, Figures>> figures, PrintWriter out) {
        out.println("| measure | system | per second | p50 ms | p99 ms | servers' CPU s/100k | client's CPU s/100k |");
        out.println("|---|---|---|---|---|---|---|");
        figures.forEach((measure, byName) -> {
            byName.forEach((name, of) -> out.printf(
                    "| %s | %s | %s | %s | %s | %s | %s |%n",
                    measure,
                    name.title(),
                    of.rate().cell("%.0f"),
                    of.p50().cell("%.2f"),
                    of.p99().cell("%.1f"),
                    of.serverCpu().cell("%.2f"),
                    of.clientCpu().cell("%.2f")));
            if (byName.containsKey(Name.ETCD) && byName.containsKey(Name.TIDEMARK)) {
                out.printf(
                        "| | **Tidemark / etcd** | %s | %s | %s | %s | %s |%n",
                        ratio(byName, Figures::rate),
                        ratio(byName, Figures::p50),
                        ratio(byName, Figures::p99),
                        ratio(byName, Figures::serverCpu),
                        ratio(byName, Figures::clientCpu));
            }
        });
        out.println();
    }

    /**
     * A leader does more than a follower, so the mean alone says little.
     *
     * @param shares the part of a core that each node takes, by its process
     */
    static void idle(Map<Name, Map<Long, Double>> shares, long seconds, PrintWriter out) {
        out.printf("| idle for %d s | process | CPU, %% of a core |%n|---|---|---|%n", seconds);
        Map<Name, Double> means = new EnumMap<>(Name.class);
        shares.forEach((name, byPid) -> {
            byPid.forEach((pid, share) ->
                    out.printf(Locale.ROOT, "| %s | %d | %.2f |%n", name.title(), pid, share * PERCENT));
            double mean = byPid.values().stream()
                    .mapToDouble(share -> share)
                    .average()
                    .orElse(0);
            means.put(name, mean);
            out.printf(Locale.ROOT, "| %s | mean | %.2f |%n", name.title(), mean * PERCENT);
        });
        if (means.size() == Name.values().length) {
            out.printf(
                    Locale.ROOT,
                    "| **Tidemark / etcd** | mean | **%.2f** |%n",
                    means.getOrDefault(Name.TIDEMARK, 0.0) / means.getOrDefault(Name.ETCD, 0.0));
        }
        out.println();
    }

    static void followerDelay(Map<String, FollowerDelay.Outcome> outcomes, PrintWriter out) {
        out.println("| puts | count | put p50 / p99 ms | readable at the first follower after, p50 / p99 ms |"
                + " at the last | not seen |");
        out.println("|---|---|---|---|---|---|");
        outcomes.forEach((name, outcome) -> out.printf(
                "| %s | %d | %s | %s | %s | %d |%n",
                name,
                outcome.puts(),
                latencies(outcome.putLatencies()),
                latencies(outcome.first()),
                latencies(outcome.last()),
                outcome.unseen()));
        out.println();
    }

    private static String latencies(Result.Latencies latencies) {
        return String.format(
                Locale.ROOT, "%.2f / %.2f", latencies.p50() / NANOS_PER_MILLI, latencies.p99() / NANOS_PER_MILLI);
    }

    private static String ratio(Map<Name, Figures> byName, Function<Figures, Samples> figure) {
        Figures tidemark = byName.getOrDefault(Name.TIDEMARK, new Figures());
        Figures etcd = byName.getOrDefault(Name.ETCD, new Figures());
        Samples ratios = figure.apply(tidemark).by(figure.apply(etcd));
        return String.format(Locale.ROOT, "**%.2f** (%.2f–%.2f)", ratios.median(), ratios.lowest(), ratios.highest());
    }
}
