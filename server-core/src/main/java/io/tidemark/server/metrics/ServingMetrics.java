// SPDX-License-Identifier: Apache-2.0
package io.tidemark.server.metrics;

import io.tidemark.server.freshness.Freshness;
import io.tidemark.server.freshness.Proof;
import io.tidemark.server.read.ReadCounts;
import io.tidemark.server.read.StorePlace;
import io.tidemark.server.time.Ticker;
import io.tidemark.server.watch.WatchCounts;
import io.tidemark.server.watch.Watches;
import java.util.Locale;
import java.util.function.Supplier;

/** What nodes and replicas tell alike of the reads and watches that they serve. */
public final class ServingMetrics {

    private static final double NANOS_PER_SECOND = 1e9;

    private ServingMetrics() {}

    /** Reads, by what they asked for. */
    public static void reads(Figures figures, ReadCounts counts) {
        for (ReadCounts.Ask ask : ReadCounts.Ask.values()) {
            for (ReadCounts.End end : ReadCounts.End.values()) {
                figures.counter(
                        "tidemark.reads",
                        "Reads by what they asked of freshness, and how that ended.",
                        () -> counts.ended(ask, end),
                        "ask",
                        ask.name().toLowerCase(Locale.ROOT),
                        "outcome",
                        end.name().toLowerCase(Locale.ROOT));
            }
        }
        figures.gauge("tidemark.reads.waiting", "Reads that wait for what they ask of freshness.", counts::waiting);
    }

    /** Proofs, and what they prove of the newest state. */
    public static void freshness(Figures figures, Freshness freshness, StorePlace place, Ticker ticker) {
        figures.counter(
                "tidemark.proofs",
                "Proofs of freshness made.",
                () -> freshness.proofs().added());
        figures.gauge("tidemark.staleness.seconds", "How stale the newest state is at most, as proven.", () -> {
            Proof proof = freshness.proofs().newestFor(place.index());
            return proof == null ? Double.NaN : proof.staleness(ticker.now()).toNanos() / NANOS_PER_SECOND;
        });
    }

    /** Watches. */
    public static void watches(Figures figures, Watches watches) {
        WatchCounts counts = watches.counts();
        figures.gauge("tidemark.watches.open", "Watches that are served.", watches::count);
        figures.counter("tidemark.watches.opened", "Watches that began.", counts::opened);
        watchesEnded(figures, "left", counts::left);
        watchesEnded(figures, "too_slow", counts::cutOff);
        watchesEnded(figures, "ended", counts::refused);
        figures.counter(
                "tidemark.watch.messages", "Messages sent to watchers, signs of life included.", counts::messages);
        figures.counter("tidemark.watch.events", "Changes told to watchers.", counts::events);
    }

    private static void watchesEnded(Figures figures, String why, Supplier<Long> count) {
        figures.counter(
                "tidemark.watches.ended",
                "Watches that ended: the caller left, was too slow, or the server ended it.",
                count::get,
                "why",
                why);
    }
}
