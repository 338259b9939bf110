// SPDX-License-Identifier: Apache-2.0
package io.tidemark.verify.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.tidemark.verify.faults.ClusterUnderTest.NodeUnderTest;
import io.tidemark.verify.faults.ClusterUnderTest.ReplicaUnderTest;
import io.tidemark.verify.history.Ask;
import io.tidemark.verify.history.Ask.Eventual;
import io.tidemark.verify.history.Reading;
import io.tidemark.verify.history.Reading.Denied;
import io.tidemark.verify.history.Reading.Told;
import io.tidemark.verify.process.Place;
import io.tidemark.verify.process.Servers;
import io.tidemark.verify.process.TestNetwork;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Nodes and replicas on hosts of their own, and the network between them is cut, one way and both, loses what is sent, and is slow.
 * Run by the profile {@code namespaces}, as root.
 */
@Tag("faults")
class PartitionsIT {

    private static final String TEST = "partitions";
    private static final List<String> NODES = List.of("n1", "n2", "n3");
    private static final List<String> REPLICAS = List.of("r1", "r2", "r3");
    private static final Duration TIMEOUT = Duration.ofSeconds(90);
    private static final Duration BOUND = Duration.ofMillis(500);
    /** Longer than elections take, and than a replica bears the silence of its upstream. */
    private static final Duration CUT = Duration.ofSeconds(8);

    @RegisterExtension
    final Servers servers = new Servers();

    private final long seed = Rounds.seed(TEST);
    private final Random random = new Random(seed);
    private TestNetwork network;
    private ClusterUnderTest cluster;

    /** Who is cut off from whom. */
    private enum Cut {
        LEADER_FROM_NODES {
            @Override
            void make(PartitionsIT test, String leader, ReplicaUnderTest replica, String upstream) {
                test.others(leader).forEach(node -> test.network.cutBothWays(leader, node));
            }
        },
        LEADER_IS_NOT_HEARD {
            @Override
            void make(PartitionsIT test, String leader, ReplicaUnderTest replica, String upstream) {
                test.others(leader).forEach(node -> test.network.cut(leader, node));
            }
        },
        LEADER_HEARS_NOBODY {
            @Override
            void make(PartitionsIT test, String leader, ReplicaUnderTest replica, String upstream) {
                test.others(leader).forEach(node -> test.network.cut(node, leader));
            }
        },
        UPSTREAM_FROM_NODES {
            @Override
            void make(PartitionsIT test, String leader, ReplicaUnderTest replica, String upstream) {
                test.others(upstream).forEach(node -> test.network.cutBothWays(upstream, node));
            }
        },
        REPLICA_FROM_UPSTREAM {
            @Override
            void make(PartitionsIT test, String leader, ReplicaUnderTest replica, String upstream) {
                test.network.cutBothWays(replica.id(), upstream);
            }
        },
        REPLICA_DOES_NOT_HEAR_ITS_UPSTREAM {
            @Override
            void make(PartitionsIT test, String leader, ReplicaUnderTest replica, String upstream) {
                test.network.cut(upstream, replica.id());
            }
        },
        REPLICA_IS_NOT_HEARD_BY_ITS_UPSTREAM {
            @Override
            void make(PartitionsIT test, String leader, ReplicaUnderTest replica, String upstream) {
                test.network.cut(replica.id(), upstream);
            }
        },
        REPLICA_FROM_NODES {
            @Override
            void make(PartitionsIT test, String leader, ReplicaUnderTest replica, String upstream) {
                NODES.forEach(node -> test.network.cutBothWays(replica.id(), node));
            }
        };

        abstract void make(PartitionsIT test, String leader, ReplicaUnderTest replica, String upstream);
    }

    @BeforeEach
    void open() {
        assumeTrue(
                Boolean.getBoolean("tidemark.faults.namespaces"),
                "needs root and changes the machine's network: mvn -Pnamespaces -pl verify -am verify");
        Optional<String> obstacle = TestNetwork.obstacle();
        obstacle.ifPresent(why -> Rounds.say(TEST, "SKIPPED: " + why));
        assumeTrue(obstacle.isEmpty(), obstacle.orElse(""));
        List<String> hosts = new ArrayList<>(NODES);
        hosts.addAll(REPLICAS);
        network = TestNetwork.of(hosts);
        cluster = ClusterUnderTest.start(servers, id -> network.place(id, Place.SMALL), NODES.size());
        REPLICAS.forEach(cluster::startReplica);
        cluster.replicas().forEach(replica -> replica.server().awaitReady(TIMEOUT));
    }

    @AfterEach
    void close() {
        if (cluster != null) {
            cluster.close();
        }
        if (network != null) {
            network.close();
        }
    }

    /** The replica hears its upstream, which hears no leader: nothing can be proven, and it says so until it has found another. */
    @Test
    void shouldGrowOlderBehindAnUpstreamThatIsCutOff() throws Exception {
        try (MixedLoad load = new MixedLoad(TEST, cluster, seed)) {
            load.awaitAllWell();
            ReplicaUnderTest replica = behindAFollower(load);
            String upstream = upstream(load, replica);

            others(upstream).forEach(node -> network.cutBothWays(upstream, node));
            long cut = System.nanoTime();
            load.await(replica.id() + " does not say that it grows older", () -> {
                Reading reading = load.ask(replica, Ask.of(new Eventual()));
                return reading.answer() instanceof Told told
                        && told.header().servedBy().equals(replica.id())
                        && told.header()
                                .staleness()
                                .filter(staleness -> staleness.compareTo(BOUND.multipliedBy(3)) > 0)
                                .isPresent();
            });
            Reading refused = load.ask(replica, Ask.fresh(BOUND));
            assertThat(cluster.upstream(replica).map(NodeUnderTest::id)).hasValue(upstream);
            assertThat(refused.answer()).isEqualTo(new Denied("ERROR_REASON_TOO_STALE"));

            load.await(
                    replica.id() + " follows nobody else than " + upstream,
                    () -> cluster.upstream(replica)
                            .filter(node -> !node.id().equals(upstream))
                            .isPresent());
            load.awaitFresh(replica);
            Rounds.say(
                    TEST,
                    replica.id() + " was fresh again "
                            + Duration.ofNanos(System.nanoTime() - cut).toMillis() + " ms after " + upstream
                            + ", whom it followed, was cut off");

            network.healAll();
            load.awaitAllWell();
            load.finishAndCheck();
            load.awaitSameDigests();
        }
    }

    @Test
    void shouldKeepEveryPromiseWhereverTheNetworkIsCut() throws Exception {
        Rounds rounds = Rounds.of("cuts", Cut.values().length);
        List<Cut> cuts = new ArrayList<>();
        try (MixedLoad load = new MixedLoad(TEST, cluster, seed)) {
            load.awaitAllWell();
            while (rounds.next()) {
                if (cuts.isEmpty()) {
                    cuts.addAll(List.of(Cut.values()));
                    Collections.shuffle(cuts, random);
                }
                Cut cut = cuts.remove(0);
                ReplicaUnderTest replica =
                        cluster.replicas().get(random.nextInt(cluster.replicas().size()));
                String upstream = upstream(load, replica);
                String leader = cluster.awaitLeader(TIMEOUT).node().id();
                Rounds.say(
                        TEST,
                        "round " + rounds.done() + ": " + cut + "; " + leader + " leads, " + replica.id() + " follows "
                                + upstream);
                cut.make(this, leader, replica, upstream);
                ClusterUnderTest.sleep(CUT.toMillis());
                // Two nodes always reach each other.
                load.awaitWrites();
                network.healAll();
                load.awaitAllWell();
            }
            load.finishAndCheck();
            load.awaitSameDigests();
        }
    }

    @Test
    void shouldKeepEveryPromiseOnANetworkThatLosesAndDelays() throws Exception {
        try (MixedLoad load = new MixedLoad(TEST, cluster, seed)) {
            load.awaitAllWell();
            Optional<String> noLoss = network.lose(10);
            noLoss.ifPresent(why -> Rounds.say(TEST, why));
            load.awaitWrites();
            ClusterUnderTest.sleep(CUT.toMillis());
            if (noLoss.isEmpty()) {
                network.loseNothing();
            }
            load.awaitAllWell();
            Optional<String> noPipe = network.narrow("1mbit", "300ms");
            noPipe.ifPresent(why -> Rounds.say(TEST, why));
            load.awaitWrites();
            ClusterUnderTest.sleep(CUT.toMillis());
            if (noPipe.isEmpty()) {
                network.widen();
            }
            load.awaitAllWell();
            load.finishAndCheck();
            load.awaitSameDigests();
            assumeTrue(noLoss.isEmpty() || noPipe.isEmpty(), "neither loss nor delay could be made here");
        }
    }

    /** Replicas are fed by followers by preference; with two followers some replica follows one of them. */
    private ReplicaUnderTest behindAFollower(MixedLoad load) {
        List<ReplicaUnderTest> found = new ArrayList<>();
        load.await("no replica follows a follower", () -> {
            String leader = cluster.awaitLeader(TIMEOUT).node().id();
            cluster.replicas().stream()
                    .filter(replica -> cluster.upstream(replica)
                            .filter(node -> !node.id().equals(leader))
                            .isPresent())
                    .findFirst()
                    .ifPresent(found::add);
            return !found.isEmpty();
        });
        return found.get(0);
    }

    private String upstream(MixedLoad load, ReplicaUnderTest replica) {
        return load.awaitUpstream(replica).id();
    }

    private List<String> others(String node) {
        return NODES.stream().filter(each -> !each.equals(node)).toList();
    }
}
