// SPDX-License-Identifier: Apache-2.0
package io.tidemark.verify.simulation;

import io.tidemark.node.registry.DrainWatcher;
import io.tidemark.proto.v1.Replica;
import io.tidemark.server.placement.Candidate;
import io.tidemark.server.placement.Placement;
import io.tidemark.store.Shards;
import io.tidemark.verify.simulation.Cluster.NodeHost;
import io.tidemark.verify.simulation.Cluster.ReplicaHost;
import io.tidemark.verify.simulation.Links.Port;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/**
 * Replicas come and go, one after the other, while clients read and write; after each the cluster is left alone until routing is what
 * placement says. Tells how much was moved, and how long it took.
 */
final class Churn {

    private static final Duration SETTLE_MAX = Duration.ofMinutes(4);
    private static final Duration QUIET = Duration.ofSeconds(2);
    private static final Duration STEP = Duration.ofMillis(50);

    private final Run run;
    private final Cluster cluster;
    private final PrintWriter out;

    Churn(Run run, PrintWriter out) {
        this.run = run;
        this.cluster = run.cluster();
        this.out = out;
    }

    /** All of it. */
    void go() {
        run.start();
        line("all replicas serve what is placed on them %.1f s after the cluster was started", now());
        line("");
        balance();
        line("");
        line(
                "| what | least that must move | moved: begun to serve | ended to serve | servers of a shard, at least | until"
                        + " routing is placement |");
        line("|---|--:|--:|--:|--:|--:|");
        for (int i = 0; i < 3; i++) {
            join();
        }
        List<ReplicaHost> hosts = List.copyOf(cluster.replicas());
        drain(hosts.get(0));
        drain(hosts.get(3));
        resume(hosts.get(0));
        stopForGood(hosts.get(5));
        dieForGood(hosts.get(6));
        restart(hosts.get(7), lossTimeout().dividedBy(6));
        diskLost(hosts.get(8));
        anotherLeader();
        storm();
        run.calm();
    }

    private Duration lossTimeout() {
        return cluster.setup().lossTimeout();
    }

    private double now() {
        return cluster.world().nanos() / 1e9;
    }

    private void line(String format, Object... values) {
        out.printf(Locale.ROOT, format, values);
        out.println();
        out.flush();
    }

    private SimulatedNode leader() {
        return cluster.leader()
                .map(NodeHost::process)
                .orElseThrow(() -> new IllegalStateException("nobody leads in a calm"));
    }

    private Map<String, Shards> placement() {
        Map<String, Shards> placed = new HashMap<>();
        for (Replica replica : leader().knownTopology().getReplicasList()) {
            placed.put(
                    replica.getReplicaId(),
                    Shards.of(replica.getPlaced(), cluster.setup().shardCount()));
        }
        return placed;
    }

    // How even it is.

    private void balance() {
        Map<String, Shards> placed = placement();
        line("| weight | replicas | shards of each, mean | least | most |");
        line("|--:|--:|--:|--:|--:|");
        for (int weight : List.of(50, 100, 200)) {
            int[] counts = cluster.replicas().stream()
                    .filter(host -> host.weight() == weight)
                    .mapToInt(
                            host -> placed.getOrDefault(host.id(), Shards.NONE).count())
                    .toArray();
            line(
                    "| %d | %d | %.2f | %d | %d |",
                    weight,
                    counts.length,
                    Arrays.stream(counts).average().orElse(0),
                    Arrays.stream(counts).min().orElse(0),
                    Arrays.stream(counts).max().orElse(0));
        }
        line("");
        line("| shards of the cluster | most loaded: its load by its share | least loaded |");
        line("|--:|--:|--:|");
        List<Candidate> candidates = cluster.replicas().stream()
                .map(host -> new Candidate(host.id(), host.zone(), host.weight()))
                .toList();
        for (int times = 1; times <= 16; times *= 4) {
            int shards = times * cluster.setup().shardCount();
            Placement placement = Placement.of(candidates, shards, copies());
            double weights = candidates.stream().mapToInt(Candidate::weight).sum();
            double[] shares = candidates.stream()
                    .mapToDouble(candidate -> placement.shardsOf(candidate.id()).count()
                            * weights
                            / (candidate.weight() * (double) shards * copies()))
                    .toArray();
            line(
                    "| %d | %.2f | %.2f |",
                    shards,
                    Arrays.stream(shares).max().orElse(0),
                    Arrays.stream(shares).min().orElse(0));
        }
    }

    /** How many replicas serve a shard that has the fewest. */
    private int fewestServers() {
        int[] servers = new int[cluster.setup().shardCount()];
        for (ReplicaHost host : cluster.replicas()) {
            SimulatedReplica process = host.process();
            if (process != null) {
                process.subscriber().serving().stream().forEach(shard -> servers[shard]++);
            }
        }
        return Arrays.stream(servers).min().orElse(0);
    }

    // What happens.

    /** Something happens, and then nothing until all is well. */
    private final class Event {
        private final String what;
        private final long gained = cluster.figures().gained();
        private final long given = cluster.figures().given();
        private final long begun = cluster.world().nanos();
        private long movedThen;
        private int fewest = Integer.MAX_VALUE;

        Event(String what) {
            this.what = what;
        }

        void pass(Duration time) {
            for (long left = time.toNanos(); left > 0; left -= STEP.toNanos()) {
                cluster.world().run(STEP);
                look();
            }
        }

        private void look() {
            fewest = Math.min(fewest, fewestServers());
        }

        /** No more was moved than had to be. */
        void endMoved(long leastMoves, int fewestAllowed) {
            end(leastMoves, fewestAllowed);
            if (movedThen > leastMoves) {
                cluster.world().violation(what + ": " + movedThen + " shards moved (expected: " + leastMoves + ")");
            }
        }

        /** @param fewestAllowed a shard may have so few servers meanwhile */
        void end(long leastMoves, int fewestAllowed) {
            run.settle(SETTLE_MAX, this::look);
            double seconds = (cluster.world().nanos() - begun) / 1e9;
            movedThen = cluster.figures().gained() - gained;
            line(
                    "| %s | %d | %d | %d | %d | %.1f s |",
                    what, leastMoves, movedThen, cluster.figures().given() - given, fewest, seconds);
            if (fewest < fewestAllowed) {
                cluster.world()
                        .violation(what + ": a shard had " + fewest + " servers (expected: at least " + fewestAllowed
                                + ")");
            }
            cluster.world().run(QUIET);
        }
    }

    private int copies() {
        return cluster.setup().replicationFactor();
    }

    private void join() {
        ReplicaHost host = cluster.addReplica();
        Event event = new Event("join of " + described(host));
        host.boot();
        event.pass(Duration.ofSeconds(2));
        run.settle(SETTLE_MAX, event::look);
        event.endMoved(placedOn(host), copies());
    }

    private static String described(ReplicaHost host) {
        return host.id() + ", weight " + host.weight();
    }

    private long placedOn(ReplicaHost host) {
        return placement().getOrDefault(host.id(), Shards.NONE).count();
    }

    private void drain(ReplicaHost host) {
        long placed = placedOn(host);
        Event event = new Event("drain of " + described(host));
        CompletableFuture<Replica> drained = leader().registrar().drain(host.id(), new DrainWatcher() {
            @Override
            public void draining(Replica replica) {
                // It is looked at from outside.
            }

            @Override
            public boolean isGone() {
                return false;
            }
        });
        for (int i = 0; i < 4000 && !drained.isDone(); i++) {
            event.pass(STEP);
        }
        if (!drained.isDone() || drained.isCompletedExceptionally()) {
            cluster.world().violation("the drain of " + host.id() + " did not end well: " + drained);
        }
        event.endMoved(placed, copies());
    }

    private void resume(ReplicaHost host) {
        Event event = new Event("resume of " + described(host));
        CompletableFuture<Replica> unused = leader().registrar().resume(host.id());
        event.pass(Duration.ofSeconds(1));
        run.settle(SETTLE_MAX, event::look);
        event.endMoved(placedOn(host), copies());
    }

    private void stopForGood(ReplicaHost host) {
        long placed = placedOn(host);
        Event event = new Event("stop for good of " + described(host));
        host.leaveForGood();
        event.pass(lossTimeout());
        event.endMoved(placed, copies() - 1);
    }

    private void dieForGood(ReplicaHost host) {
        long placed = placedOn(host);
        Event event = new Event("death of " + described(host));
        host.dieForGood();
        event.pass(lossTimeout());
        event.endMoved(placed, copies() - 1);
    }

    private void restart(ReplicaHost host, Duration away) {
        Event event = new Event("crash of " + described(host) + ", away for " + away.toSeconds() + " s");
        host.kill();
        event.pass(away);
        host.boot();
        double caughtUp = untilFresh(host, event);
        event.end(0, copies() - 1);
        line(
                "| · it serves at once what is on its disk, and knows how stale that is after | | | | | %.3f s |",
                caughtUp);
    }

    private void diskLost(ReplicaHost host) {
        long placed = placedOn(host);
        Event event = new Event("lost disk of " + described(host) + ", which comes back at once");
        host.kill();
        host.wipe();
        event.pass(Duration.ofSeconds(1));
        host.boot();
        event.pass(lossTimeout().plusSeconds(5));
        event.end(placed, copies() - 1);
    }

    private double untilFresh(ReplicaHost host, Event event) {
        long begun = cluster.world().nanos();
        for (int i = 0; i < 20_000; i++) {
            SimulatedReplica process = host.process();
            boolean isFresh = process != null
                    && process.staleness()
                            .filter(staleness -> staleness.compareTo(Duration.ofSeconds(1)) < 0)
                            .isPresent();
            if (isFresh) {
                break;
            }
            cluster.world().run(Duration.ofMillis(5));
        }
        event.look();
        return (cluster.world().nanos() - begun) / 1e9;
    }

    private void anotherLeader() {
        NodeHost host = cluster.leader().orElseThrow(() -> new IllegalStateException("nobody leads in a calm"));
        Event event = new Event("crash of the leader, away for 10 s");
        host.kill();
        event.pass(Duration.ofSeconds(10));
        host.boot();
        event.pass(Duration.ofSeconds(1));
        event.endMoved(0, copies());
    }

    /** More than a third of the replicas is cut off for longer than the loss timeout. */
    private void storm() {
        List<ReplicaHost> cut = new ArrayList<>();
        List<ReplicaHost> all =
                cluster.replicas().stream().filter(host -> !host.isGone()).toList();
        for (int i = 0; i < all.size(); i++) {
            if (i % 5 < 2) {
                cut.add(all.get(i));
            }
        }
        Event event = new Event(cut.size() + " of " + all.size() + " replicas cut off for "
                + lossTimeout().plusSeconds(10).toSeconds() + " s");
        cut.forEach(host -> cluster.nodes().forEach(node -> {
            cluster.links().cut(host.id(), node.id(), Port.INTERNAL);
            cluster.links().cut(node.id(), host.id(), Port.INTERNAL);
        }));
        event.pass(lossTimeout().plusSeconds(10));
        cut.forEach(host -> cluster.nodes().forEach(node -> {
            cluster.links().mend(host.id(), node.id(), Port.INTERNAL);
            cluster.links().mend(node.id(), host.id(), Port.INTERNAL);
        }));
        long healed = cluster.world().nanos();
        run.settle(SETTLE_MAX, event::look);
        double seconds = (cluster.world().nanos() - healed) / 1e9;
        event.endMoved(0, copies());
        line("| · all of them fresh after the cut was mended | | | | | %.1f s |", seconds);
        if (cluster.figures().storms() == 0) {
            cluster.world().violation(cut.size() + " silent replicas were no storm");
        }
    }
}
