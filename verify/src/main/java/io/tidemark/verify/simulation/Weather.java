// SPDX-License-Identifier: Apache-2.0
package io.tidemark.verify.simulation;

import io.tidemark.verify.simulation.Cluster.NodeHost;
import io.tidemark.verify.simulation.Cluster.ReplicaHost;
import io.tidemark.verify.simulation.Links.Port;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.Consumer;

/** What goes wrong, one thing after the other and several at a time; a majority of the nodes is left to work now and then. */
final class Weather {

    private static final int JUMP_MILLIS_MAX = 20_000;
    private static final Duration STOP_MAX = Duration.ofSeconds(3);

    private final Cluster cluster;
    private final World world;
    private final Random chance;
    private final Duration every;
    private final Map<String, Long> happened = new TreeMap<>();
    private boolean over;

    /** @param every how often something begins, on average */
    Weather(Cluster cluster, Duration every) {
        this.cluster = cluster;
        this.world = cluster.world();
        this.chance = world.chance("weather");
        this.every = every;
    }

    void begin() {
        next();
    }

    /** What has begun ends in its time; nothing more begins. */
    void end() {
        over = true;
    }

    /** How often each thing happened. */
    Map<String, Long> happened() {
        return happened;
    }

    private void next() {
        world.after(nanos(2 * every.toNanos()), () -> {
            if (!over) {
                something();
                next();
            }
        });
    }

    private Duration nanos(long max) {
        return Duration.ofNanos(1 + (long) (chance.nextDouble() * max));
    }

    /** Mostly short, sometimes long. */
    private Duration some() {
        return nanos(chance.nextInt(4) == 0 ? 12_000_000_000L : 1_500_000_000L);
    }

    private void something() {
        switch (chance.nextInt(21)) {
            case 0, 1 -> replica("replica killed", this::killed);
            case 2 -> replica("replica paused", host -> paused(host.machine()));
            case 3 -> replica("replica cut off", host -> cutOff(host.id()));
            case 4 -> replica("replica cut off from one node", host -> cut(host.id(), node().id(), Port.INTERNAL));
            case 5 -> replica("replica's clock set", host -> setClock(host.machine()));
            case 6 -> node("node killed", this::killed);
            case 7 -> node("node paused", host -> paused(host.machine()));
            case 8 -> node("node cut off", host -> cutOff(host.id()));
            case 9 -> leader("leader paused", host -> paused(host.machine()));
            case 10 -> leader("leader cut off", host -> cutOff(host.id()));
            case 11 -> leader("leader cut off, but for its replicas", host -> cutOffFromNodes(host, true));
            case 12 -> node("another node campaigns", this::campaigns);
            case 13 -> node("node applies slowly", this::appliesSlowly);
            case 14 -> node("node's clock set", host -> setClock(host.machine()));
            case 15 -> replica("replica stopped and started", this::restarted);
            case 16 -> replica("replica's disk lost", this::diskLost);
            case 17 -> replica("replica left", this::left);
            case 18 -> joined();
            case 19 -> storm();
            default -> slowLinks();
        }
    }

    private void count(String what) {
        happened.merge(what, 1L, Long::sum);
    }

    private NodeHost node() {
        List<NodeHost> nodes = new ArrayList<>(cluster.nodes());
        return nodes.get(chance.nextInt(nodes.size()));
    }

    private void node(String what, Consumer<NodeHost> happens) {
        NodeHost host = node();
        if (host.machine().isUp()) {
            count(what);
            happens.accept(host);
        }
    }

    private void leader(String what, Consumer<NodeHost> happens) {
        cluster.leader().ifPresent(host -> {
            count(what);
            happens.accept(host);
        });
    }

    private void replica(String what, Consumer<ReplicaHost> happens) {
        List<ReplicaHost> running = cluster.replicas().stream()
                .filter(host -> !host.isGone() && host.machine().isUp())
                .toList();
        if (!running.isEmpty()) {
            count(what);
            happens.accept(running.get(chance.nextInt(running.size())));
        }
    }

    private void killed(ReplicaHost host) {
        host.kill();
        world.after(some(), () -> bootAgain(host));
    }

    private void restarted(ReplicaHost host) {
        host.stop();
        world.after(some().plus(STOP_MAX), () -> {
            // One that was paused or cut off has not come to its end.
            host.kill();
            bootAgain(host);
        });
    }

    private void diskLost(ReplicaHost host) {
        host.kill();
        host.wipe();
        world.after(some(), () -> bootAgain(host));
    }

    private static void bootAgain(ReplicaHost host) {
        if (!host.isGone() && !host.machine().isUp()) {
            host.boot();
        }
    }

    private void left(ReplicaHost host) {
        if (cluster.replicas().stream().filter(other -> !other.isGone()).count()
                > cluster.setup().replicas() / 2) {
            if (chance.nextBoolean()) {
                host.leaveForGood();
                world.after(STOP_MAX, host::kill);
            } else {
                host.dieForGood();
            }
        }
    }

    private void joined() {
        if (cluster.replicas().size() < 2 * cluster.setup().replicas()) {
            count("replica joined");
            cluster.addReplica().boot();
        }
    }

    /** Half of the replicas are cut off at once. */
    private void storm() {
        count("half of the replicas cut off");
        List<ReplicaHost> all = new ArrayList<>(cluster.replicas());
        Collections.shuffle(all, chance);
        List<String> nodes = cluster.nodes().stream().map(NodeHost::id).toList();
        Duration lasting = cluster.setup().lossTimeout().multipliedBy(2);
        for (ReplicaHost host : all.subList(0, all.size() / 2)) {
            cut(host.id(), nodes, List.of(Port.values()), false, lasting);
        }
    }

    private void killed(NodeHost host) {
        host.kill();
        world.after(some(), host::boot);
    }

    private void paused(Machine machine) {
        int life = machine.life();
        machine.pause();
        world.after(some(), () -> {
            if (machine.life() == life) {
                machine.resume();
            }
        });
    }

    private void setClock(Machine machine) {
        machine.setClock(Duration.ofMillis(chance.nextInt(2 * JUMP_MILLIS_MAX) - JUMP_MILLIS_MAX));
    }

    private void campaigns(NodeHost host) {
        SimulatedNode process = host.process();
        if (process != null && !host.machine().isPaused()) {
            process.raft().campaign();
        }
    }

    private void appliesSlowly(NodeHost host) {
        SimulatedNode process = host.process();
        if (process != null) {
            process.raft().applySlower(10_000);
            world.after(some(), () -> process.raft().applySlower(1));
        }
    }

    private void cutOff(String id) {
        List<String> others = new ArrayList<>();
        cluster.nodes().forEach(node -> others.add(node.id()));
        cluster.replicas().forEach(replica -> others.add(replica.id()));
        others.remove(id);
        cut(id, others, List.of(Port.values()), chance.nextInt(4) == 0);
    }

    private void cutOffFromNodes(NodeHost host, boolean onlyRaft) {
        List<String> others = new ArrayList<>();
        cluster.nodes().forEach(node -> others.add(node.id()));
        others.remove(host.id());
        cut(host.id(), others, onlyRaft ? List.of(Port.RAFT) : List.of(Port.values()), false);
    }

    private void cut(String one, String other, Port port) {
        cut(one, List.of(other), List.of(port), chance.nextInt(4) == 0);
    }

    /** @param oneWay only what is sent to it, or only what it sends */
    private void cut(String id, List<String> others, List<Port> ports, boolean oneWay) {
        cut(id, others, ports, oneWay, some());
    }

    private void cut(String id, List<String> others, List<Port> ports, boolean oneWay, Duration lasting) {
        boolean in = !oneWay || chance.nextBoolean();
        boolean out = !oneWay || !in;
        List<Runnable> mends = new ArrayList<>();
        for (String other : others) {
            for (Port port : ports) {
                if (in) {
                    cluster.links().cut(other, id, port);
                    mends.add(() -> cluster.links().mend(other, id, port));
                }
                if (out) {
                    cluster.links().cut(id, other, port);
                    mends.add(() -> cluster.links().mend(id, other, port));
                }
            }
        }
        world.after(lasting, () -> mends.forEach(Runnable::run));
    }

    private void slowLinks() {
        count("slow and lossy links of a node");
        String id = node().id();
        double slower = 1 + chance.nextInt(200);
        int losses = chance.nextInt(200);
        List<String> others = new ArrayList<>();
        cluster.nodes().forEach(node -> others.add(node.id()));
        cluster.replicas().forEach(replica -> others.add(replica.id()));
        disturb(id, others, slower, losses);
        world.after(some(), () -> disturb(id, others, 1, 0));
    }

    private void disturb(String id, List<String> others, double slower, int losses) {
        for (String other : others) {
            for (Port port : Port.values()) {
                cluster.links().disturb(id, other, port, slower, losses);
                cluster.links().disturb(other, id, port, slower, losses);
            }
        }
    }
}
