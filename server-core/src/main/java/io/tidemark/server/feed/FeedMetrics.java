// SPDX-License-Identifier: Apache-2.0
package io.tidemark.server.feed;

import io.tidemark.server.feed.core.FeedCounts;
import io.tidemark.server.feed.core.FeedMode;
import io.tidemark.server.metrics.Figures;
import java.util.Locale;
import java.util.function.LongSupplier;

/** What a server tells in numbers of those whom it feeds; docs/metrics.md says what each means. */
public final class FeedMetrics {

    private FeedMetrics() {}

    /**
     * Publishes them.
     *
     * @param appliedIndex of the store that is fed from
     */
    public static void register(Figures figures, Feeds feeds, Bootstraps bootstraps, LongSupplier appliedIndex) {
        FeedCounts counts = feeds.counts();
        for (FeedMode mode : FeedMode.values()) {
            figures.gauge(
                    "tidemark.feed.subscribers",
                    "Subscribers that are fed, by where from.",
                    () -> feeds.count(mode),
                    "mode",
                    name(mode));
        }
        figures.gauge(
                "tidemark.feed.lag",
                "How many commits the subscriber that is furthest behind has not been sent.",
                () -> feeds.lagMax(appliedIndex.getAsLong()));
        figures.counter("tidemark.feeds.begun", "Feeds that began.", counts::begun);
        for (FeedCounts.End end : FeedCounts.End.values()) {
            figures.counter(
                    "tidemark.feeds.ended", "Feeds that ended, by why.", () -> counts.ended(end), "why", name(end));
        }
        figures.counter("tidemark.feed.messages", "Messages sent to subscribers.", counts::messages);
        figures.counter("tidemark.feed.bytes", "Their size.", counts::bytes);
        figures.counter(
                "tidemark.feed.commits",
                "Commits and parts of commits, once for each subscriber that they were sent to.",
                counts::commits);
        stalls(figures, "credit", counts::creditStalls);
        stalls(figures, "room", counts::roomStalls);
        figures.counter("tidemark.feed.disk.reads", "Reads from disk for those who are behind.", counts::diskReads);
        for (FeedCounts.ProbeEnd end : FeedCounts.ProbeEnd.values()) {
            figures.counter(
                    "tidemark.feed.probes",
                    "Probes of subscribers that ended, by how.",
                    () -> counts.probes(end),
                    "outcome",
                    name(end));
        }
        figures.gauge(
                "tidemark.bootstraps.held",
                "States held for copies of shards, under way or broken off.",
                bootstraps.transfers()::heldCount);
        copiesEnded(figures, "completed", bootstraps.transfers()::completed);
        copiesEnded(figures, "broken_off", bootstraps.transfers()::brokenOff);
        copiesEnded(figures, "failed", bootstraps.transfers()::failed);
        figures.counter("tidemark.bootstrap.bytes", "What was sent of copies of shards.", bootstraps::bytes);
    }

    private static String name(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT);
    }

    private static void stalls(Figures figures, String of, LongSupplier count) {
        figures.counter(
                "tidemark.feed.stalls",
                "How often a feed had to wait for its subscriber: for credit, or for room on the way.",
                count::getAsLong,
                "of",
                of);
    }

    private static void copiesEnded(Figures figures, String outcome, LongSupplier count) {
        figures.counter(
                "tidemark.bootstraps",
                "Calls for a copy of shards that ended, by how.",
                count::getAsLong,
                "outcome",
                outcome);
    }
}
