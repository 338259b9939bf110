// SPDX-License-Identifier: Apache-2.0
package io.tidemark.verify.faults;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.verify.faults.ClusterUnderTest.ReplicaUnderTest;
import io.tidemark.verify.history.Ask;
import io.tidemark.verify.history.Ask.AsOf;
import io.tidemark.verify.history.Ask.Eventual;
import io.tidemark.verify.history.Ask.Linearizable;
import io.tidemark.verify.history.Reading;
import io.tidemark.verify.history.Reading.Denied;
import io.tidemark.verify.history.Reading.Header;
import io.tidemark.verify.history.Reading.Told;
import io.tidemark.verify.process.Place;
import io.tidemark.verify.process.ServerUnderTest;
import io.tidemark.verify.process.Servers;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Replicas without any node, and the others without a replica: who is left serves what can be served, and says how old it is. */
@Tag("faults")
class AloneIT {

    private static final String TEST = "alone";
    private static final Duration TIMEOUT = Duration.ofSeconds(90);
    private static final Duration BOUND = Duration.ofSeconds(3);
    private static final Duration WELL_WITHIN_BOUND = Duration.ofMillis(1_500);
    private static final int ROWS_READ = 20;

    @RegisterExtension
    final Servers servers = new Servers();

    @Test
    void shouldServeWhatItCanWhoeverIsDown() throws Exception {
        try (ClusterUnderTest cluster =
                ClusterUnderTest.start(servers, id -> Place.SMALL, 1, "--store.replication-factor=0")) {
            for (String id : new String[] {"r1", "r2"}) {
                cluster.startReplica(id, "--checkpoint.interval=1s");
            }
            cluster.replicas().forEach(replica -> replica.server().awaitReady(TIMEOUT));
            try (MixedLoad load = new MixedLoad(TEST, cluster, Rounds.seed(TEST))) {
                load.awaitAllWell();
                ServerUnderTest node = cluster.nodes().get(0).server();
                load.killWhile(node, () -> withoutNodes(cluster, load));
                node.awaitReady(TIMEOUT);
                load.awaitAllWell();

                ReplicaUnderTest gone = cluster.replica("r1");
                load.killWhile(gone.server(), () -> withoutReplica(cluster.replica("r2"), load));
                gone.server().awaitReady(TIMEOUT);
                load.awaitAllWell();
                load.finishAndCheck();
                load.awaitSameDigests();
            }
        }
    }

    private static void withoutNodes(ClusterUnderTest cluster, MixedLoad load) {
        for (ReplicaUnderTest replica : cluster.replicas()) {
            Header first = itself(replica, load.ask(replica, Ask.of(new Eventual())));
            long applied = first.appliedIndex();
            itself(replica, load.ask(replica, Ask.of(new Eventual()).atLeast(applied, true)));
            itself(replica, load.ask(replica, Ask.of(new AsOf(applied - 1))));
        }
        ReplicaUnderTest replica = cluster.replica("r1");
        // As long as it can prove the bound it serves it, and not a moment longer, which the history shows.
        load.await(replica.id() + " serves a bound that has passed", () -> {
            Reading bounded = load.ask(replica, Ask.fresh(BOUND));
            // Asked after, so that what it is well within now, it was within then.
            Header now = itself(replica, load.ask(replica, Ask.of(new Eventual())));
            if (now.staleness().orElseThrow().compareTo(WELL_WITHIN_BOUND) < 0) {
                itself(replica, bounded);
            }
            return bounded.answer().equals(new Denied("ERROR_REASON_TOO_STALE"));
        });
        assertThat(load.ask(replica, Ask.of(new Linearizable())).answer())
                .isEqualTo(new Denied("ERROR_REASON_NO_LEADER"));

        // It starts from its disk, and knows nothing of how old that is.
        load.killWhile(replica.server(), () -> {});
        load.await(
                replica.id() + " does not serve what is on its disk",
                () -> load.ask(replica, Ask.of(new Eventual())).answer() instanceof Told);
        Header again = itself(replica, load.ask(replica, Ask.of(new Eventual())));
        assertThat(again.staleness()).isEmpty();
        itself(replica, load.ask(replica, Ask.of(new AsOf(again.appliedIndex()))));
        assertThat(load.ask(replica, Ask.fresh(Duration.ofDays(1))).answer())
                .isEqualTo(new Denied("ERROR_REASON_TOO_STALE"));
        Reading unmet = load.ask(replica, Ask.fresh(BOUND).orServe());
        assertThat(itself(replica, unmet).unmet()).isTrue();
    }

    /** Every row can be read, as fresh as anybody may ask. */
    private static void withoutReplica(ReplicaUnderTest left, MixedLoad load) {
        for (int i = 0; i < ROWS_READ; i++) {
            load.await(
                    left.id() + " does not serve some row",
                    () -> load.ask(left, Ask.of(new Linearizable())).answer() instanceof Told);
        }
    }

    private static Header itself(ReplicaUnderTest replica, Reading reading) {
        Optional<Header> header = reading.answer() instanceof Told told ? Optional.of(told.header()) : Optional.empty();
        assertThat(header.map(Header::servedBy)).as(() -> reading.toString()).contains(replica.id());
        return header.orElseThrow();
    }
}
