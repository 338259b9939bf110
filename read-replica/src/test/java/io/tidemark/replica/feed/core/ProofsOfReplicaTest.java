// SPDX-License-Identifier: Apache-2.0
package io.tidemark.replica.feed.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.proto.v1.FeedRequest;
import io.tidemark.proto.v1.FeedResponse;
import io.tidemark.proto.v1.ProbeAnswer;
import io.tidemark.proto.v1.ProbeProof;
import io.tidemark.server.freshness.Proof;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What makes a replica's staleness sound. */
class ProofsOfReplicaTest {

    @TempDir
    Path directory = Path.of("unset");

    private ReplicaRig rig = unset();

    private static final class Waiting implements ProofListener {
        final List<Proof> proofs = new ArrayList<>();
        final List<String> failures = new ArrayList<>();
        int begun;

        @Override
        public void begins() {
            begun++;
        }

        @Override
        public void proven(Proof proof) {
            proofs.add(proof);
        }

        @Override
        public void notProven(String why) {
            failures.add(why);
        }
    }

    @SuppressWarnings("NullAway") // set before each test
    private static ReplicaRig unset() {
        return null;
    }

    @BeforeEach
    void begin() {
        rig = new ReplicaRig(directory);
        rig.node.put("k", "v");
        rig.start();
        rig.pass(Duration.ofMillis(100));
    }

    @AfterEach
    void end() {
        rig.close();
    }

    private long lastProbe() {
        return rig.upstream.probesHeld.get(rig.upstream.probesHeld.size() - 1).getProbeId();
    }

    private void answer(long probeId) {
        rig.upstream.feed().answer(probeId, rig.present().appliedIndex(), rig.upstream.feed().version);
        rig.upstream.deliver();
    }

    @Test
    void shouldDateAProofByTheSendingOfTheVeryProbe() {
        rig.upstream.holdsProbes = true;
        Waiting waiting = new Waiting();
        rig.subscriber.prove(waiting);
        long early = lastProbe();
        rig.time.pass(Duration.ofMillis(700));
        assertThat(lastProbe()).isGreaterThan(early);

        answer(early);

        assertThat(waiting.proofs)
                .singleElement()
                .satisfies(proof ->
                        assertThat(proof.staleness(rig.time.now())).isGreaterThanOrEqualTo(Duration.ofMillis(700)));
        assertThat(rig.staleness().orElseThrow()).isGreaterThanOrEqualTo(Duration.ofMillis(700));
    }

    @Test
    void shouldServeOnlyThoseWhoCameBeforeAProbeWasSent() {
        rig.upstream.holdsProbes = true;
        List<Waiting> all = new ArrayList<>();
        List<Long> probes = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            Waiting waiting = new Waiting();
            all.add(waiting);
            rig.subscriber.prove(waiting);
            probes.add(lastProbe());
        }
        // All but the first share one that is not sent yet.
        assertThat(probes).containsOnly(probes.get(0));
        assertThat(all).extracting(waiting -> waiting.begun).containsExactly(1, 0, 0, 0);

        answer(probes.get(0));

        assertThat(all).extracting(waiting -> waiting.proofs.size()).containsExactly(1, 0, 0, 0);
        assertThat(all).extracting(waiting -> waiting.begun).containsOnly(1);
        long shared = lastProbe();
        assertThat(shared).isGreaterThan(probes.get(0));
        answer(shared);
        assertThat(all).extracting(waiting -> waiting.proofs.size()).containsOnly(1);
        assertThat(all.get(1).proofs).isEqualTo(all.get(3).proofs);
    }

    @Test
    void shouldTakeNoAnswerTwiceNorOneThatNobodyAskedFor() {
        rig.upstream.holdsProbes = true;
        rig.subscriber.prove(new Waiting());
        long probe = lastProbe();
        answer(probe);
        long proofs = rig.subscriber.proofs().added();

        answer(probe);
        answer(probe + 100);

        assertThat(rig.subscriber.proofs().added()).isEqualTo(proofs);
    }

    @Test
    void shouldNotCountAnAnswerToAProbeOfAnEarlierStream() {
        rig.upstream.holdsProbes = true;
        Waiting waiting = new Waiting();
        rig.subscriber.prove(waiting);
        long old = lastProbe();
        rig.upstream.feed().end(Optional.empty(), "reset");
        rig.upstream.deliver();
        assertThat(waiting.failures).hasSize(1);
        rig.pass(Duration.ofSeconds(1));
        assertThat(rig.upstream.feeds).hasSize(2);
        long proofs = rig.subscriber.proofs().added();

        answer(old);

        assertThat(rig.subscriber.proofs().added()).isEqualTo(proofs);
        assertThat(rig.upstream.feeds.get(1).requests.stream()
                        .filter(FeedRequest::hasProbe)
                        .map(request -> request.getProbe().getProbeId()))
                .as("an id is never used twice in one incarnation")
                .doesNotContain(old);
    }

    @Test
    void shouldTakeNoIncompleteProof() {
        rig.upstream.holdsProbes = true;
        long applied = rig.present().appliedIndex();
        List<ProbeProof> incomplete = List.of(
                ProbeProof.newBuilder().setCoveredIndex(applied).build(),
                ProbeProof.newBuilder()
                        .setLeaderConfirmed(ProbeProof.LeaderConfirmed.getDefaultInstance())
                        .build(),
                ProbeProof.newBuilder()
                        .setCoveredIndex(-1)
                        .setLeaderConfirmed(ProbeProof.LeaderConfirmed.getDefaultInstance())
                        .build(),
                ProbeProof.newBuilder()
                        .setCoveredIndex(applied)
                        .setUpstreamStaleness(com.google.protobuf.Duration.getDefaultInstance())
                        .build());
        for (ProbeProof proof : incomplete) {
            Waiting waiting = new Waiting();
            rig.subscriber.prove(waiting);
            rig.upstream
                    .feed()
                    .say(FeedResponse.newBuilder()
                            .setProbeAnswer(ProbeAnswer.newBuilder()
                                    .setProbeId(lastProbe())
                                    .setSubscriptionVersion(rig.upstream.feed().version)
                                    .setProof(proof)));
            rig.upstream.deliver();
            assertThat(waiting.proofs).isEmpty();
            assertThat(waiting.failures).hasSize(1);
        }
    }

    @Test
    void shouldHaveAppliedAllThatAProofCovers() {
        rig.node.put("k", "newer");
        Waiting waiting = new Waiting();
        rig.subscriber.prove(waiting);
        rig.upstream.deliver();

        assertThat(waiting.proofs)
                .singleElement()
                .satisfies(proof -> assertThat(rig.present().appliedIndex()).isGreaterThanOrEqualTo(proof.index()));
        assertThat(rig.read("k")).isEqualTo("newer");
    }

    @Test
    void shouldFailWhoWaitsWhenNoAnswerComes() {
        rig.upstream.holdsProbes = true;
        Waiting waiting = new Waiting();
        rig.subscriber.prove(waiting);
        rig.time.pass(Duration.ofSeconds(4));

        assertThat(waiting.failures).singleElement().asString().contains("in time");
        answer(rig.upstream.probesHeld.get(0).getProbeId());
        assertThat(waiting.proofs).isEmpty();
    }

    @Test
    void shouldProbeOftenOnlyWhileSomebodyAsksForBounds() {
        rig.pass(Duration.ofSeconds(15));
        long before = probes();
        rig.pass(Duration.ofSeconds(5));
        assertThat(probes() - before).isBetween(4L, 6L);

        rig.boundedReads++;
        rig.pass(Duration.ofSeconds(1));
        before = probes();
        rig.pass(Duration.ofSeconds(5));
        assertThat(probes() - before).isBetween(80L, 101L);

        rig.pass(Duration.ofSeconds(10));
        before = probes();
        rig.pass(Duration.ofSeconds(5));
        assertThat(probes() - before).isBetween(4L, 6L);
    }

    private long probes() {
        return rig.upstream.feeds.stream()
                .flatMap(feed -> feed.requests.stream())
                .filter(FeedRequest::hasProbe)
                .count();
    }

    @Test
    void shouldLookStalerWhenTheWallClockJumpsAheadAndNeverFresherWhenItJumpsBack() {
        rig.upstream.holdsProbes = true;
        Duration before = rig.staleness().orElseThrow();
        rig.time.setWall(Duration.ofHours(-5));
        rig.time.pass(Duration.ofMillis(400));
        assertThat(rig.staleness().orElseThrow()).isGreaterThanOrEqualTo(before.plusMillis(400));

        rig.time.setWall(Duration.ofHours(6));
        assertThat(rig.staleness().orElseThrow()).isGreaterThanOrEqualTo(Duration.ofHours(1));
    }

    @Test
    void shouldCountATimeInWhichTheMonotonicClockStoodStill() {
        rig.upstream.holdsProbes = true;
        rig.time.suspend(Duration.ofMinutes(3));

        assertThat(rig.staleness().orElseThrow()).isGreaterThanOrEqualTo(Duration.ofMinutes(3));
    }

    @Test
    void shouldKeepItsProofsWhenAnotherNodeFeedsTheSameHistory() {
        Duration before = rig.staleness().orElseThrow();
        rig.upstream.holdsProbes = true;
        rig.upstream.feed().end(Optional.empty(), "reset");
        rig.pass(Duration.ofSeconds(1));

        assertThat(rig.staleness().orElseThrow()).isGreaterThanOrEqualTo(before.plusSeconds(1));
    }
}
