// SPDX-License-Identifier: Apache-2.0
package io.tidemark.verify.faults;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.verify.faults.ClusterUnderTest.ReplicaUnderTest;
import io.tidemark.verify.history.Reading;
import io.tidemark.verify.history.Reading.Told;
import io.tidemark.verify.process.Place;
import io.tidemark.verify.process.ServerUnderTest;
import io.tidemark.verify.process.Servers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Replicas, the nodes that feed them and the leader are killed and paused while clients write and read with every kind of ask
 * everywhere: every answer is what was asked for, and no older than it says.
 */
@Tag("faults")
class ReplicaFaultsIT {

    private static final String TEST = "replica faults";
    private static final int NODES = 3;
    private static final int REPLICAS = 3;
    private static final Duration TIMEOUT = Duration.ofSeconds(90);
    /** Every kind of ask but those that the load itself ends with. */
    private static final Set<String> KINDS = Set.of(
            "Eventual",
            "Eventual+session",
            "Eventual+floor",
            "Bounded+session+staleness",
            "Bounded+staleness",
            "Bounded+staleness+serve",
            "Bounded+lag",
            "Linearizable",
            "AsOf");

    @RegisterExtension
    final Servers servers = new Servers();

    private enum Victim {
        LEADER,
        UPSTREAM,
        REPLICA
    }

    /** What is done to whom. */
    private record Strike(Victim victim, boolean kill) {}

    @Test
    void shouldKeepEveryPromiseWhoeverIsKilledOrPaused() throws Exception {
        Rounds rounds = Rounds.of("replicas", 4);
        long seed = Rounds.seed(TEST);
        Random random = new Random(seed);
        List<Strike> strikes = new ArrayList<>();
        try (ClusterUnderTest cluster = ClusterUnderTest.start(servers, id -> Place.SMALL, NODES)) {
            for (int i = 1; i <= REPLICAS; i++) {
                cluster.startReplica("r" + i);
            }
            cluster.replicas().forEach(replica -> replica.server().awaitReady(TIMEOUT));
            try (MixedLoad load = new MixedLoad(TEST, cluster, seed)) {
                load.awaitAllWell();
                while (rounds.next()) {
                    if (strikes.isEmpty()) {
                        strikes.addAll(all(random));
                    }
                    strike(strikes.remove(0), cluster, load, random, rounds.done());
                    load.awaitAllWell();
                }
                List<Reading> readings = load.finishAndCheck();
                load.awaitSameDigests();
                assertThat(servedByReplicas(readings)).containsAll(KINDS);
            }
        }
    }

    /** Each kind of strike once, in some order. */
    private static List<Strike> all(Random random) {
        List<Strike> all = new ArrayList<>();
        for (Victim victim : Victim.values()) {
            all.add(new Strike(victim, true));
            all.add(new Strike(victim, false));
        }
        Collections.shuffle(all, random);
        return all;
    }

    private static void strike(Strike strike, ClusterUnderTest cluster, MixedLoad load, Random random, int round) {
        ReplicaUnderTest replica = cluster.replicas().get(random.nextInt(REPLICAS));
        ServerUnderTest victim = switch (strike.victim()) {
            case LEADER -> cluster.awaitLeader(TIMEOUT).node().server();
            case UPSTREAM -> load.awaitUpstream(replica).server();
            case REPLICA -> replica.server();
        };
        Rounds.say(
                TEST,
                "round " + round + ": " + (strike.kill() ? "kills " : "pauses ") + victim.id() + ", "
                        + strike.victim());
        if (strike.kill()) {
            // The others go on without it, and may do so for very short or longer.
            load.killWhile(victim, random.nextBoolean() ? () -> {} : load::awaitWrites);
            victim.awaitReady(TIMEOUT);
        } else {
            load.pauseWhile(victim, () -> {
                ClusterUnderTest.sleep(MixedLoad.LONGER_THAN_BOUNDS.toMillis());
                load.awaitWrites();
            });
        }
    }

    /** The kinds of ask that replicas met themselves. */
    private static Set<String> servedByReplicas(List<Reading> readings) {
        return readings.stream()
                .filter(reading -> reading.answer() instanceof Told told
                        && told.header().replica()
                        && !told.header().unmet())
                .map(reading -> reading.ask().kind())
                .collect(Collectors.toSet());
    }
}
