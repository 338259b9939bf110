// SPDX-License-Identifier: Apache-2.0
package io.tidemark.verify.simulation;

import io.tidemark.server.feed.core.FeedCounts;
import io.tidemark.verify.simulation.Cluster.NodeHost;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.Locale;

/** What the probes of many replicas, all of them asked for bounds, are for the leader. */
final class Probing {

    /** No multiple of the interval between probes. */
    private static final Duration SPREAD = Duration.ofMillis(1_237);

    private static final Duration WARM = Duration.ofSeconds(4);

    private final Run run;
    private final Cluster cluster;

    Probing(Run run) {
        this.run = run;
        this.cluster = run.cluster();
    }

    static void head(PrintWriter out) {
        out.println("| replicas | probes proven per second, all nodes | rounds of the leader per second | mean round |"
                + " messages to the leader per second | to each other node | stated staleness, mean |");
        out.println("|--:|--:|--:|--:|--:|--:|--:|");
        out.flush();
    }

    /** Measures for so long. */
    void go(Duration lasting, PrintWriter out) {
        run.start(SPREAD);
        cluster.world().run(WARM);
        NodeHost host = cluster.leader().orElseThrow(() -> new IllegalStateException("nobody leads in a calm"));
        SimulatedNode leader = host.process();
        if (leader == null) {
            throw new IllegalStateException("a leader that does not run");
        }
        long rounds = leader.counts().rounds();
        long nanos = leader.counts().roundNanos();
        long messages = cluster.links().messagesTo(host.id());
        long others = messagesToOthers(host);
        long proven = proven();
        long bounds = cluster.truth().counts().bounds();
        double sum = cluster.truth().counts().meanBoundMillis() * bounds;
        cluster.world().run(lasting);
        double seconds = lasting.toNanos() / 1e9;
        long roundsNow = leader.counts().rounds() - rounds;
        long boundsNow = cluster.truth().counts().bounds();
        out.printf(
                Locale.ROOT,
                "| %d | %.0f | %.0f | %.2f ms | %.0f | %.0f | %.1f ms |%n",
                cluster.replicas().size(),
                (proven() - proven) / seconds,
                roundsNow / seconds,
                (leader.counts().roundNanos() - nanos) / 1e6 / Math.max(1, roundsNow),
                (cluster.links().messagesTo(host.id()) - messages) / seconds,
                (messagesToOthers(host) - others)
                        / seconds
                        / Math.max(1, cluster.nodes().size() - 1),
                (cluster.truth().counts().meanBoundMillis() * boundsNow - sum) / Math.max(1, boundsNow - bounds));
        out.flush();
    }

    private long proven() {
        return cluster.nodes().stream()
                .map(NodeHost::process)
                .mapToLong(node -> node == null ? 0 : node.feeds().counts().probes(FeedCounts.ProbeEnd.PROVEN))
                .sum();
    }

    private long messagesToOthers(NodeHost leader) {
        return cluster.nodes().stream()
                .filter(host -> !host.equals(leader))
                .mapToLong(host -> cluster.links().messagesTo(host.id()))
                .sum();
    }
}
