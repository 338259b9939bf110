// SPDX-License-Identifier: Apache-2.0
package io.tidemark.clients;

import io.tidemark.verify.peers.Figures;
import io.tidemark.verify.peers.Samples;
import java.io.PrintWriter;
import java.util.Locale;
import java.util.Map;

/** The figures as tables: medians, the lowest and highest round behind them. Ratios are taken round by round. */
final class Tables {

    private Tables() {}

    static void print(Map<Contest, Map<Contender, Figures>> figures, PrintWriter out) {
        figures.forEach((contest, byContender) -> {
            String ratio = contest.byLatency() ? "the SDK's p50 / its p50" : "the SDK's rate / its rate";
            out.println("**" + contest.title() + "**");
            out.println();
            out.println(
                    "| client | per second | p50 ms | p99 ms | client's CPU s/100k | client allocates, bytes per call |"
                            + " servers' CPU s/100k | " + ratio + " |");
            out.println("|---|---|---|---|---|---|---|---|");
            Figures sdk = byContender.getOrDefault(contest.contenders().get(0), new Figures());
            byContender.forEach((contender, of) -> out.printf(
                    "| %s | %s | %s | %s | %s | %s | %s | %s |%n",
                    contender.title(),
                    cell(of.rate(), "%.0f"),
                    cell(of.p50(), "%.3f"),
                    cell(of.p99(), "%.2f"),
                    cell(of.clientCpu(), "%.2f"),
                    cell(of.allocated(), "%.0f"),
                    cell(of.serverCpu(), "%.2f"),
                    contender == contest.contenders().get(0) ? "" : "**" + ratio(contest, sdk, of) + "**"));
            out.println();
        });
    }

    private static String ratio(Contest contest, Figures sdk, Figures other) {
        Samples ratios =
                contest.byLatency() ? sdk.p50().by(other.p50()) : sdk.rate().by(other.rate());
        return cell(ratios, "%.2f");
    }

    private static String cell(Samples samples, String format) {
        return String.format(
                Locale.ROOT,
                format + " (" + format + "–" + format + ")",
                samples.median(),
                samples.lowest(),
                samples.highest());
    }
}
