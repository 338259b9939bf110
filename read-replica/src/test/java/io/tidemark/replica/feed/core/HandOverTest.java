// SPDX-License-Identifier: Apache-2.0
package io.tidemark.replica.feed.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.proto.v1.FeedRequest;
import io.tidemark.proto.v1.FeedResponse;
import io.tidemark.proto.v1.ReplicaState;
import io.tidemark.proto.v1.SubscriberHeartbeat;
import io.tidemark.proto.v1.TopologyNotice;
import io.tidemark.store.Shards;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A replica on a real store takes over and gives up what the topology says. */
class HandOverTest {

    private static final Shards ALL = Shards.all(1024);

    @TempDir
    Path directory = Path.of("unset");

    private ReplicaRig rig = unset();
    private long epoch;

    @SuppressWarnings("NullAway") // set before each test
    private static ReplicaRig unset() {
        return null;
    }

    @BeforeEach
    void begin() {
        rig = new ReplicaRig(directory);
        rig.owned = OwnedShards.placed();
        for (int i = 0; i < 50; i++) {
            rig.node.put("k" + i, "v" + i);
        }
    }

    @AfterEach
    void end() {
        rig.close();
    }

    private void place(Shards placed, Shards released) {
        epoch++;
        rig.upstream.feed().place(epoch, placed, released);
        rig.settle();
    }

    private SubscriberHeartbeat lastWord() {
        List<SubscriberHeartbeat> all = rig.upstream.feed().heartbeats;
        return all.get(all.size() - 1);
    }

    /** Keys of one shard. */
    private List<String> keysOfShardOf(String key, int count) {
        List<String> keys = new ArrayList<>(List.of(key));
        for (int i = 0; keys.size() < count; i++) {
            if (rig.shardOf("other" + i) == rig.shardOf(key)) {
                keys.add("other" + i);
            }
        }
        return keys;
    }

    @Test
    void shouldOwnNothingBeforeSomethingIsPlacedOnIt() {
        rig.start();
        assertThat(rig.upstream.feed().subscribed).isEqualTo(Shards.NONE);

        Shards placed = Shards.of(rig.shardOf("k1"), 3);
        place(placed, Shards.NONE);

        assertThat(rig.subscriber.serving()).isEqualTo(placed);
        assertThat(rig.read("k1")).isEqualTo("v1");
        assertThat(lastWord().getReleaseTerm()).isEqualTo(3);
        assertThat(lastWord().getReleaseNumber()).isEqualTo(1);
    }

    @Test
    void shouldServeAShardThatIsPlacedElsewhereUntilItIsReleased() {
        rig.start();
        place(ALL, Shards.NONE);
        Shards moved = Shards.of(rig.shardOf("k1"));
        place(ALL.minus(moved), Shards.NONE);

        rig.node.put("k1", "newer");
        rig.upstream.feed().feedAll();
        rig.settle();
        assertThat(rig.subscriber.serving()).isEqualTo(ALL);
        assertThat(rig.read("k1")).as("it is fed").isEqualTo("newer");

        int told = rig.upstream.feed().requests.size();
        place(ALL.minus(moved), moved);
        assertThat(rig.subscriber.serving()).isEqualTo(ALL.minus(moved));
        assertThat(rig.present().shards()).isEqualTo(ALL.minus(moved));
        assertThat(rig.upstream.feed().subscribed).isEqualTo(ALL.minus(moved));
        List<FeedRequest> said = rig.upstream
                .feed()
                .requests
                .subList(told, rig.upstream.feed().requests.size());
        assertThat(said.stream()
                        .filter(request -> request.hasHeartbeat() || request.hasChangeSubscription())
                        .findFirst()
                        .map(FeedRequest::hasHeartbeat))
                .as("it tells before it unsubscribes")
                .contains(true);
    }

    @Test
    void shouldLetACopyGoThatIsNotWantedAnyMore() {
        rig.upstream.copiesBreakOff = true;
        rig.start();
        Shards kept = Shards.of(1, 2);
        place(ALL, Shards.NONE);
        assertThat(rig.present().copyUnderWay()).isPresent();

        place(kept, Shards.NONE);
        rig.upstream.copiesBreakOff = false;
        rig.pass(Duration.ofSeconds(2));
        assertThat(rig.subscriber.serving()).isEqualTo(kept);
        assertThat(rig.present().shards()).isEqualTo(kept);
    }

    @Test
    void shouldGoOnWithACopyOfWhichAPartIsNotWantedAnyMoreAndNeverServeThat() {
        rig.upstream.copiesBreakOff = true;
        rig.start();
        place(ALL, Shards.NONE);
        long copied = rig.present().copyUnderWay().orElseThrow().rows();
        assertThat(copied).isPositive();

        Shards moved = Shards.of(rig.shardOf("k1"), rig.shardOf("k2"));
        place(ALL.minus(moved), Shards.NONE);
        assertThat(rig.present().copyUnderWay().orElseThrow().rows()).isEqualTo(copied);
        assertThat(rig.upstream.feed().subscribed).as("they must stay level").isEqualTo(ALL);
        rig.node.put("k1", "meanwhile");
        // Nothing is given up by it, and nothing that was given up comes back.
        sayNothingOfThisReplica();
        rig.upstream.copiesBreakOff = false;
        rig.pass(Duration.ofSeconds(2));

        FakeUpstream.Copy last = rig.upstream.copies.get(rig.upstream.copies.size() - 1);
        assertThat(last.request.hasResumeToken()).isTrue();
        assertThat(rig.subscriber.serving()).isEqualTo(ALL.minus(moved));
        assertThat(rig.present().shards()).isEqualTo(ALL.minus(moved));
        assertThat(rig.upstream.feed().subscribed).isEqualTo(ALL.minus(moved));
        assertThat(rig.servedAt).noneMatch(served -> served.intersects(moved));

        place(ALL, Shards.NONE);
        rig.pass(Duration.ofSeconds(1));
        assertThat(rig.subscriber.serving()).isEqualTo(ALL);
        assertThat(rig.read("k1")).isEqualTo("meanwhile");
        assertThat(rig.failures).isEmpty();
    }

    @Test
    void shouldServeWhatIsWantedAgainBeforeItsCopyIsComplete() {
        rig.upstream.copiesBreakOff = true;
        rig.start();
        place(ALL, Shards.NONE);
        place(ALL.minus(Shards.of(1, 2)), Shards.NONE);
        place(ALL, Shards.NONE);
        rig.upstream.copiesBreakOff = false;
        rig.pass(Duration.ofSeconds(2));

        assertThat(rig.subscriber.serving()).isEqualTo(ALL);
    }

    private void sayNothingOfThisReplica() {
        epoch++;
        rig.upstream
                .feed()
                .say(FeedResponse.newBuilder()
                        .setTopology(
                                TopologyNotice.newBuilder()
                                        .setTopology(rig
                                                .upstream
                                                .placing(rig.upstream.feed().hello(), epoch, ALL, Shards.NONE)
                                                .toBuilder()
                                                .clearReplicas())));
        rig.settle();
    }

    @Test
    void shouldServeWhatIsOnItsDiskUntilTheTopologySaysOtherwise() {
        rig.start();
        Shards placed = Shards.of(1, 2, rig.shardOf("k1"));
        place(placed, Shards.NONE);
        rig.present().checkpoint().join();
        rig.restart();

        assertThat(rig.subscriber.serving()).isEqualTo(placed);
        assertThat(rig.upstream.feed().subscribed).isEqualTo(placed);
        // Of its life before.
        epoch = 0;
        place(Shards.of(1), Shards.NONE);
        assertThat(rig.subscriber.serving()).isEqualTo(placed);
        place(Shards.of(1), placed);
        assertThat(rig.subscriber.serving())
                .as("placed here, whatever is released")
                .isEqualTo(Shards.of(1));
    }

    @Test
    void shouldBringNoRowBackOfAShardThatItGaveUpAndGotAgain() {
        List<String> keys = keysOfShardOf("k1", 4);
        String deleted = keys.get(1);
        String deletedAndWritten = keys.get(2);
        String written = keys.get(3);
        rig.node.put(deleted, "there");
        rig.node.put(deletedAndWritten, "there");
        rig.start();
        place(ALL, Shards.NONE);
        assertThat(rig.read(deleted)).isEqualTo("there");
        Shards shard = Shards.of(rig.shardOf("k1"));

        for (int round = 1; round <= 3; round++) {
            place(ALL.minus(shard), shard);
            assertThat(rig.present().shards()).isEqualTo(ALL.minus(shard));
            rig.node.put("k1", "round " + round);
            if (round == 1) {
                rig.node.delete(deleted);
            }
            rig.node.delete(deletedAndWritten);
            rig.node.put(deletedAndWritten, "again " + round);
            rig.node.put(written, "new " + round);
            rig.upstream.feed().feedAll();
            rig.settle();
            if (round == 2) {
                rig.present().checkpoint().join();
                rig.restart();
                epoch = 100;
            }

            place(ALL, Shards.NONE);
            assertThat(rig.subscriber.serving()).isEqualTo(ALL);
            assertThat(rig.read("k1")).isEqualTo("round " + round);
            assertThat(rig.read(deleted)).isNull();
            assertThat(rig.read(deletedAndWritten)).isEqualTo("again " + round);
            assertThat(rig.read(written)).isEqualTo("new " + round);
            assertThat(rig.present().digests().shard(rig.shardOf("k1")))
                    .isEqualTo(rig.node.store().digests().shard(rig.shardOf("k1")));
            assertThat(rig.failures).isEmpty();
        }
    }

    @Test
    void shouldSayThatItServesNothingAndPartOnceThatWasHeard() {
        rig.start();
        place(ALL, Shards.NONE);
        rig.subscriber.withdraw();
        rig.settle();

        assertThat(lastWord().getState()).isEqualTo(ReplicaState.REPLICA_STATE_DRAINED);
        assertThat(Shards.of(lastWord().getServing(), 1024)).isEqualTo(Shards.NONE);
        assertThat(rig.subscriber.serving()).as("calls under way are answered").isEqualTo(ALL);

        List<String> parted = new ArrayList<>();
        rig.subscriber.part(() -> parted.add("parted"));
        assertThat(rig.upstream.feed().finished).isTrue();
        assertThat(parted).isEmpty();
        rig.pass(Duration.ofSeconds(3));
        assertThat(parted).containsExactly("parted");
        assertThat(rig.upstream.feeds).as("it does not come back").hasSize(1);
    }

    @Test
    void shouldPartAtOnceFromNobody() {
        rig.start();
        rig.upstream.reachable = false;
        rig.upstream.feed().end(Optional.empty(), "reset");
        rig.pass(Duration.ofSeconds(1));
        List<String> parted = new ArrayList<>();
        rig.subscriber.part(() -> parted.add("parted"));
        assertThat(parted).containsExactly("parted");
    }
}
