// SPDX-License-Identifier: Apache-2.0
package io.tidemark.node;

import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import io.tidemark.node.agreement.NodeAgreement;
import io.tidemark.node.confirm.RoundListener;
import io.tidemark.node.consensus.Consensus;
import io.tidemark.node.consensus.ConsensusFigures;
import io.tidemark.node.consensus.Role;
import io.tidemark.node.registry.Registrar;
import io.tidemark.node.registry.Subscribers;
import io.tidemark.node.sweep.Sweeper;
import io.tidemark.node.write.NodeWrites;
import io.tidemark.node.write.WritePath;
import io.tidemark.server.feed.FeedMetrics;
import io.tidemark.server.metrics.Buckets;
import io.tidemark.server.metrics.Figures;
import io.tidemark.server.metrics.ServingMetrics;
import io.tidemark.server.metrics.StoreMetrics;
import io.tidemark.server.process.Opening;
import io.tidemark.server.read.StorePlace;
import io.tidemark.server.time.Ticker;
import io.tidemark.server.upkeep.Backups;
import io.tidemark.server.watch.Watches;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;

/**
 * What a node tells of itself in numbers; docs/metrics.md says what each means. Nearly all are kept by those whose they are, and
 * looked at only when the page is asked for.
 */
final class NodeMetrics {

    private static final Duration LOOK = Duration.ofSeconds(1);
    private static final double NANOS_PER_SECOND = 1e9;

    private final Opening opening;
    private final Figures figures;
    private final NodeGroup group;
    private final RatisBridge ratis;

    private NodeMetrics(Opening opening, NodeGroup group) {
        this.opening = opening;
        this.figures = new Figures(opening.metrics());
        this.group = group;
        this.ratis = new RatisBridge(opening.metrics());
    }

    /** Publishes what there is before the consensus has started. */
    static NodeMetrics register(
            Opening opening,
            Ground ground,
            Confirming confirming,
            Writing writing,
            Following following,
            Watches watches,
            Backups backups,
            NodeAgreement agreement) {
        StorePlace place = ground.place();
        Ticker ticker = ground.ticker();
        NodeMetrics metrics = new NodeMetrics(opening, ground.group());
        StoreMetrics.register(
                metrics.figures, place::present, opening.directory().toFile()::getUsableSpace, ground.alarms()::raised);
        metrics.raft();
        metrics.writes(writing.path(), writing.writes(), writing.sweeper());
        ServingMetrics.reads(metrics.figures, place.counts());
        ServingMetrics.freshness(metrics.figures, confirming.freshness(), place, ticker);
        confirming.leaderRounds().listen(metrics.rounds("self"));
        confirming.remoteRounds().listen(metrics.rounds("leader"));
        ServingMetrics.watches(metrics.figures, watches);
        metrics.backups(backups);
        FeedMetrics.register(metrics.figures, following.feeds(), following.bootstraps(), place::index);
        metrics.eachSecond(
                "clock.difference.seconds",
                "How far another voter's clock is ahead (below zero: behind) of this leader's, at least.",
                "node",
                () -> seconds(confirming.clocks().differences(ticker.now())));
        metrics.eachSecond(
                "heard.seconds",
                "When this leader last heard of another node.",
                "node",
                () -> seconds(following.topology().lastHeard()));
        metrics.replicas(following.registrar(), following.subscribers());
        metrics.gauge(
                "differing.shards",
                "Shards in which this node's rows were not those of another node when they were last compared.",
                agreement::differingShards);
        metrics.counter(
                "comparisons",
                "Comparisons of digests with the other nodes that came to a result.",
                agreement::comparisons);
        return metrics;
    }

    /** The consensus has started. Its figures go when it closes. */
    void started(Consensus consensus) {
        ConsensusFigures of = consensus.figures();
        of.watch(ratis);
        eachSecond(
                "raft.follower.lag",
                "How many entries of the Raft log another voter lacks; on the leader alone.",
                "node",
                () -> followerLag(of));
        figures.gauge(
                "tidemark.node.raft.leader.silence.seconds",
                "When this follower last heard from its leader; 0 where it does not follow.",
                () -> of.leaderSilence().toNanos() / NANOS_PER_SECOND);
    }

    /** A consensus that is stopping has closed its log. */
    private static Map<String, Long> followerLag(ConsensusFigures of) {
        try {
            return of.followerLag();
        } catch (RuntimeException stopping) {
            return Map.of();
        }
    }

    private void raft() {
        for (Role role : Role.values()) {
            gauge(
                    "raft.role",
                    "1 for what the node is in its group, else 0.",
                    () -> group.role() == role ? 1 : 0,
                    "role",
                    role.name().toLowerCase(Locale.ROOT));
        }
        gauge(
                "raft.ready",
                "1 while it leads and has applied the first entry of its term.",
                () -> group.isReady() ? 1 : 0);
        gauge("raft.term", "The Raft term.", group::term);
        gauge(
                "raft.voters",
                "Voters of the latest configuration.",
                () -> group.membership().voters().size());
        consensusGauge(
                "raft.commit.index",
                "The Raft index up to which entries are committed, as far as known here.",
                ConsensusFigures::commitIndex);
        consensusGauge(
                "raft.applied.index",
                "The Raft index up to which entries are applied here.",
                ConsensusFigures::appliedIndex);
        consensusGauge(
                "raft.first.index",
                "The first Raft index that the log keeps; -1: it is empty.",
                ConsensusFigures::firstLogIndex);
        consensusGauge("raft.log.bytes", "The log on disk.", ConsensusFigures::logBytes);
        figures.counter(
                "tidemark.node.raft.elections",
                "Elections that this node began.",
                () -> consensusFigure(ConsensusFigures::electionsBegun, 0));
    }

    private void replicas(Registrar registrar, Subscribers subscribers) {
        eachSecond("replicas", "Registered replicas by state; on the leader alone.", "state", registrar::countByState);
        gauge(
                "replicas.storm",
                "1 while so many replicas are silent that none is taken for lost; on the leader alone.",
                () -> registrar.isStorm() ? 1 : 0);
        gauge("subscribers", "Replicas that this node feeds.", subscribers::count);
    }

    private void writes(WritePath path, NodeWrites writes, Sweeper sweeper) {
        path.listen(new WriteMeters(figures));
        gauge("write.queue.commands", "Commands that wait to be proposed.", path::waitingCommands);
        gauge("write.queue.bytes", "Their size.", path::waitingBytes);
        gauge("entries.in.flight", "Entries that are proposed and have no outcome yet.", path::entriesUnderWay);
        gauge(
                "write.calls.in.flight",
                "Calls that write and have no outcome yet, those passed on included.",
                writes::callsUnderWay);
        counter("sweep.expired.rows", "Rows that this node's sweeps expired.", sweeper::expiredRows);
        counter("sweep.dropped.rows", "Rows of dropped tables that this node's sweeps removed.", sweeper::droppedRows);
    }

    private RoundListener rounds(String by) {
        Function<String, Timer> timer = outcome -> Timer.builder("tidemark.node.rounds")
                .description("Rounds that confirm leadership, by who confirms and how they ended.")
                .tags("by", by, "outcome", outcome)
                .serviceLevelObjectives(Buckets.durations())
                .register(figures.registry());
        Timer confirmed = timer.apply("confirmed");
        Timer failed = timer.apply("failed");
        return (isConfirmed, nanos) -> (isConfirmed ? confirmed : failed).record(nanos, TimeUnit.NANOSECONDS);
    }

    private void backups(Backups backups) {
        figures.gauge(
                "tidemark.backups.held",
                "States held for backups, under way or broken off.",
                backups.transfers()::heldCount);
        backupsEnded("completed", backups.transfers()::completed);
        backupsEnded("broken_off", backups.transfers()::brokenOff);
        backupsEnded("failed", backups.transfers()::failed);
    }

    private void backupsEnded(String outcome, Supplier<Long> count) {
        figures.counter("tidemark.backups", "Calls for a backup that ended, by how.", count::get, "outcome", outcome);
    }

    private void gauge(String name, String description, Supplier<? extends Number> value, String... tags) {
        figures.gauge("tidemark.node." + name, description, () -> value.get().doubleValue(), tags);
    }

    private void counter(String name, String description, Supplier<Long> value) {
        figures.counter("tidemark.node." + name, description, value::get);
    }

    private void consensusGauge(String name, String description, ToDoubleFunction<ConsensusFigures> figure) {
        figures.gauge("tidemark.node." + name, description, () -> consensusFigure(figure, Double.NaN));
    }

    private double consensusFigure(ToDoubleFunction<ConsensusFigures> figure, double without) {
        try {
            return group.consensus()
                    .map(Consensus::figures)
                    .map(figure::applyAsDouble)
                    .orElse(without);
        } catch (RuntimeException stopping) {
            return without;
        }
    }

    /** For figures of others, who come and go. */
    private void eachSecond(
            String name, String description, String label, Supplier<? extends Map<String, ? extends Number>> values) {
        MultiGauge gauge = MultiGauge.builder("tidemark.node." + name)
                .description(description)
                .register(figures.registry());
        look(gauge, label, values);
    }

    private void look(MultiGauge gauge, String label, Supplier<? extends Map<String, ? extends Number>> values) {
        opening.timers().after(LOOK, () -> look(gauge, label, values));
        gauge.register(
                values.get().entrySet().stream()
                        .<MultiGauge.Row<?>>map(
                                value -> MultiGauge.Row.of(Tags.of(label, value.getKey()), value.getValue()))
                        .toList(),
                true);
    }

    private static Map<String, Double> seconds(Map<String, Duration> durations) {
        return durations.entrySet().stream()
                .collect(Collectors.toMap(
                        Map.Entry::getKey, entry -> entry.getValue().toNanos() / NANOS_PER_SECOND));
    }
}
