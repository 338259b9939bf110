// SPDX-License-Identifier: Apache-2.0
package io.tidemark.replica;

import io.tidemark.replica.feed.core.Subscriber;
import io.tidemark.replica.serve.PassingOn;
import io.tidemark.replica.serve.ReplicaFreshness;
import io.tidemark.server.metrics.Figures;
import io.tidemark.server.metrics.ServingMetrics;
import io.tidemark.server.metrics.StoreMetrics;
import io.tidemark.server.process.Opening;
import io.tidemark.server.read.StorePlace;
import io.tidemark.server.time.Ticker;
import io.tidemark.server.upkeep.Alarms;
import io.tidemark.server.watch.Watches;
import java.util.function.Supplier;

/** What a replica tells of itself in numbers; docs/metrics.md says what each means. */
final class ReplicaMetrics {

    private ReplicaMetrics() {}

    static void register(
            Opening opening,
            Ticker ticker,
            StorePlace place,
            ReplicaFreshness freshness,
            Subscriber subscriber,
            Watches watches,
            PassingOn passingOn,
            Alarms alarms) {
        Figures figures = new Figures(opening.metrics());
        StoreMetrics.register(figures, place::present, opening.directory().toFile()::getUsableSpace, alarms::raised);
        ServingMetrics.reads(figures, place.counts());
        ServingMetrics.freshness(figures, freshness, place, ticker);
        ServingMetrics.watches(figures, watches);
        figures.gauge(
                "tidemark.replica.serving.shards",
                "Shards that are served.",
                () -> subscriber.serving().count());
        figures.gauge(
                "tidemark.replica.bootstrapping.shards",
                "Shards that are subscribed and not here yet.",
                () -> subscriber.figures().bootstraps().size());
        figures.gauge(
                "tidemark.replica.mismatched.shards",
                "Shards that differed from the upstream's and were not found to agree since.",
                () -> subscriber.figures().mismatches().size());
        figures.counter(
                "tidemark.replica.mismatches",
                "Shards that were found to differ from the upstream's, or from what was applied.",
                () -> subscriber.figures().mismatchesFound());
        copies(figures, "completed", () -> subscriber.figures().copied());
        copies(figures, "broken_off", () -> subscriber.figures().copiesBrokenOff());
        copies(figures, "differed", () -> subscriber.figures().copiesDiffered());
        figures.gauge(
                "tidemark.replica.feed.connected",
                "1 while a node feeds it, else 0.",
                () -> subscriber.figures().upstreamId().isEmpty() ? 0 : 1);
        figures.gauge(
                "tidemark.replica.feed.waiting.commits",
                "Commits that have come and are not applied.",
                () -> subscriber.figures().waiting());
        figures.counter(
                "tidemark.replica.feed.connects",
                "Feeds begun.",
                () -> subscriber.figures().connects());
        figures.counter(
                "tidemark.replica.probes.failed",
                "Probes that proved nothing.",
                () -> subscriber.figures().failedProbes());
        figures.counter("tidemark.replica.passed.on", "Calls passed on to raft nodes.", passingOn::count);
    }

    private static void copies(Figures figures, String outcome, Supplier<Long> count) {
        figures.counter(
                "tidemark.replica.copies",
                "Copies of shards that ended: whole, broken off, or not what their source has applied.",
                count::get,
                "outcome",
                outcome);
    }
}
