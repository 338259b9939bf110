// SPDX-License-Identifier: Apache-2.0
package io.tidemark.launcher.cli.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.api.ProtoTimes;
import io.tidemark.proto.v1.Replica;
import java.time.Duration;
import org.junit.jupiter.api.Test;

final class TopologyFormTest {

    @Test
    void shouldCountTheSilenceOfAReplicaToItsStaleness() {
        Replica cutOff = Replica.newBuilder()
                .setStaleness(ProtoTimes.duration(Duration.ofMillis(20)))
                .setLastHeard(ProtoTimes.duration(Duration.ofSeconds(40)))
                .build();

        assertThat(TopologyForm.staleness(cutOff)).contains(Duration.ofMillis(40_020));
    }

    @Test
    void shouldNotTurnSilenceIntoABoundThatNobodyProved() {
        Replica started = Replica.newBuilder()
                .setLastHeard(ProtoTimes.duration(Duration.ofSeconds(1)))
                .build();

        assertThat(TopologyForm.staleness(started)).isEmpty();
    }
}
