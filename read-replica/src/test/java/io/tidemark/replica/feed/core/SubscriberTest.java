// SPDX-License-Identifier: Apache-2.0
package io.tidemark.replica.feed.core;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.tidemark.proto.v1.DigestMismatch;
import io.tidemark.proto.v1.DigestsAt;
import io.tidemark.proto.v1.ErrorReason;
import io.tidemark.proto.v1.FeedCommit;
import io.tidemark.proto.v1.FeedCommits;
import io.tidemark.proto.v1.FeedGoodbye;
import io.tidemark.proto.v1.FeedGoodbyeReason;
import io.tidemark.proto.v1.FeedResponse;
import io.tidemark.proto.v1.Fragment;
import io.tidemark.proto.v1.Node;
import io.tidemark.proto.v1.NodeMembership;
import io.tidemark.proto.v1.ServerRole;
import io.tidemark.proto.v1.ShardDigest;
import io.tidemark.proto.v1.SystemEffect;
import io.tidemark.proto.v1.SystemEffects;
import io.tidemark.server.read.StoreRig;
import io.tidemark.server.upkeep.Digests;
import io.tidemark.store.Shards;
import io.tidemark.store.digest.RowHasher;
import io.tidemark.store.state.Store;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SubscriberTest {

    private static final Shards ALL = Shards.all(1024);

    @TempDir
    Path directory = Path.of("unset");

    private ReplicaRig rig = unset();

    @SuppressWarnings("NullAway") // set before each test
    private static ReplicaRig unset() {
        return null;
    }

    @BeforeEach
    void begin() {
        rig = new ReplicaRig(directory);
        for (int i = 0; i < 50; i++) {
            rig.node.put("k" + i, "v" + i);
        }
    }

    @AfterEach
    void end() {
        rig.close();
    }

    @Test
    void shouldCopyAllShardsInAndServeThem() {
        rig.start();

        assertThat(rig.subscriber.serving()).isEqualTo(ALL);
        assertThat(rig.read("k7")).isEqualTo("v7");
        assertThat(rig.present().appliedIndex()).isEqualTo(rig.node.store().appliedIndex());
        assertThat(rig.staleness()).isPresent();
    }

    @Test
    void shouldApplyWhatIsCommittedLater() {
        rig.start();

        rig.node.put("k7", "newer");
        rig.node.delete("k8");
        rig.upstream.feed().feedAll();
        rig.settle();

        assertThat(rig.read("k7")).isEqualTo("newer");
        assertThat(rig.read("k8")).isNull();
        assertThat(rig.present().digests().shard(rig.shardOf("k7")))
                .isEqualTo(rig.node.store().digests().shard(rig.shardOf("k7")));
    }

    @Test
    void shouldServeNothingBeforeAProbeSentWhenItWasLevelIsAnswered() {
        rig.upstream.holdsProbes = true;
        rig.start();

        assertThat(rig.present().shards()).isEqualTo(ALL);
        assertThat(rig.subscriber.serving()).isEqualTo(Shards.NONE);

        // The first was sent before anything was here.
        long first = rig.upstream.probesHeld.get(0).getProbeId();
        rig.upstream.feed().answer(first, rig.node.store().appliedIndex(), rig.upstream.feed().version);
        rig.settle();
        assertThat(rig.subscriber.serving()).isEqualTo(Shards.NONE);

        long last =
                rig.upstream.probesHeld.get(rig.upstream.probesHeld.size() - 1).getProbeId();
        rig.upstream.feed().answer(last, rig.node.store().appliedIndex(), rig.upstream.feed().version);
        rig.settle();
        assertThat(rig.subscriber.serving()).isEqualTo(ALL);
    }

    @Test
    void shouldCountNoAnswerOfAnotherSubscription() {
        rig.upstream.wrongVersionBy = -1;
        rig.start();

        assertThat(rig.subscriber.serving()).isEqualTo(Shards.NONE);
        assertThat(rig.staleness()).isEmpty();
    }

    @Test
    void shouldNotApplyTheSilenceOfAnotherSubscription() {
        rig.start();
        long applied = rig.present().appliedIndex();
        FakeUpstream.Feed feed = rig.upstream.feed();

        feed.through(applied + 5, feed.version - 1);
        rig.upstream.deliver();

        assertThat(rig.present().appliedIndex()).isEqualTo(applied);
    }

    @Test
    void shouldShowNothingOfACommitBeforeItsLastPart() {
        rig.start();
        rig.node.put("k1", "one");
        FakeUpstream.Feed feed = rig.upstream.feed();
        FeedCommit whole = java.util.Objects.requireNonNull(
                rig.node.store().feed().read(feed.sent, 1000).commits().get(0).forShards(ALL));
        long applied = rig.present().appliedIndex();

        part(
                feed,
                whole.toBuilder()
                        .setFragment(Fragment.newBuilder().setNumber(0))
                        .build());
        assertThat(rig.present().appliedIndex()).isEqualTo(applied);
        assertThat(rig.read("k1")).isEqualTo("v1");

        part(
                feed,
                whole.toBuilder()
                        .clearShards()
                        .setFragment(Fragment.newBuilder().setNumber(1).setLast(true))
                        .build());
        assertThat(rig.read("k1")).isEqualTo("one");
    }

    private void part(FakeUpstream.Feed feed, FeedCommit commit) {
        feed.say(FeedResponse.newBuilder().setCommits(FeedCommits.newBuilder().addCommits(commit)));
        rig.upstream.deliver();
    }

    @Test
    void shouldGoNoFurtherThanWhatItDoesNotUnderstand() {
        rig.start();
        FakeUpstream.Feed feed = rig.upstream.feed();
        long applied = rig.present().appliedIndex();

        part(
                feed,
                FeedCommit.newBuilder()
                        .setIndex(applied + 1)
                        .setSystemEffects(SystemEffects.newBuilder()
                                .addEffects(SystemEffect.getDefaultInstance())
                                .build()
                                .toByteString())
                        .build());

        assertThat(feed.closed).isTrue();
        assertThat(rig.present().appliedIndex()).isEqualTo(applied);
    }

    @Test
    void shouldGoOnWhereItWasAfterALostConnection() {
        rig.start();
        long applied = rig.present().appliedIndex();
        rig.upstream.feed().end(Optional.empty(), "reset");
        rig.upstream.deliver();
        rig.node.put("k1", "while away");
        rig.pass(Duration.ofSeconds(1));

        FakeUpstream.Feed second = rig.upstream.feeds.get(1);
        assertThat(second.hello().getAppliedIndex()).isEqualTo(applied);
        assertThat(second.hello().getHistoryId()).isEqualTo(StoreRig.HISTORY.text());
        assertThat(Shards.of(second.hello().getHeldShards(), 1024)).isEqualTo(ALL);
        assertThat(rig.read("k1")).isEqualTo("while away");
        assertThat(rig.upstream.copies).hasSize(1);
        assertThat(rig.subscriber.serving()).isEqualTo(ALL);
    }

    @Test
    void shouldGoOnServingWhileAllAreGoneAndSayHowStaleThatIs() {
        rig.start();
        rig.upstream.reachable = false;
        rig.upstream.feed().end(Optional.empty(), "reset");
        rig.pass(Duration.ofSeconds(60));

        assertThat(rig.subscriber.serving()).isEqualTo(ALL);
        assertThat(rig.staleness().orElseThrow()).isGreaterThan(Duration.ofSeconds(59));
        assertThat(rig.upstream.feeds).as("with pauses between attempts").hasSizeLessThan(40);

        rig.upstream.reachable = true;
        rig.pass(Duration.ofSeconds(6));
        assertThat(rig.staleness().orElseThrow()).isLessThan(Duration.ofSeconds(3));
    }

    @Test
    void shouldBeginWithUnknownStalenessAfterARestartAndLoseNothing() {
        rig.start();
        rig.present().checkpoint().join();
        long durable = rig.present().appliedIndex();
        rig.node.put("k1", "applied, and not in the checkpoint");
        rig.upstream.feed().feedAll();
        rig.settle();
        rig.upstream.holdsProbes = true;
        rig.node.put("k2", "while down");

        rig.restart();

        assertThat(rig.upstream.feed().hello().getAppliedIndex()).isEqualTo(durable);
        assertThat(rig.upstream.feed().hello().getIncarnationId()).isEqualTo("i2");
        assertThat(rig.subscriber.serving()).isEqualTo(ALL);
        assertThat(rig.staleness()).isEmpty();

        rig.upstream.feed().feedAll();
        rig.settle();
        assertThat(rig.read("k1")).isEqualTo("applied, and not in the checkpoint");
        assertThat(rig.read("k2")).isEqualTo("while down");
        assertThat(rig.upstream.copies).hasSize(1);
    }

    @Test
    void shouldResumeACopyThatBrokeOffAndAfterARestart() {
        rig.upstream.copiesBreakOff = true;
        rig.start();
        assertThat(rig.present().copyUnderWay()).isPresent();
        long copied = rig.present().copyUnderWay().orElseThrow().rows();
        rig.present().checkpoint().join();
        rig.node.delete("k49");
        rig.node.put("k1", "newer");
        rig.upstream.copiesBreakOff = false;

        rig.restart();
        rig.pass(Duration.ofSeconds(1));

        FakeUpstream.Copy resumed = rig.upstream.copies.get(rig.upstream.copies.size() - 1);
        assertThat(copied).isPositive();
        assertThat(resumed.request.hasResumeToken()).isTrue();
        assertThat(rig.subscriber.serving()).isEqualTo(ALL);
        assertThat(rig.read("k1")).isEqualTo("newer");
        assertThat(rig.read("k49")).isNull();
        for (int shard = 0; shard < 1024; shard++) {
            assertThat(rig.present().digests().shard(shard))
                    .isEqualTo(rig.node.store().digests().shard(shard));
        }
    }

    /** The source lets go of the state with the end of the stream, so what is left to do here must not need it. */
    @Test
    void shouldFinishACopyWhoseSourceEndedTheStreamWithIt() {
        rig.copyInStepsOf(20);
        rig.upstream.whenCopyEnds = () -> {
            for (int i = 0; i < 50; i++) {
                rig.node.put("z" + i, "behind the last row of the copy");
            }
            rig.upstream.feed().feedAll();
            rig.upstream.whenCopyEnds = () -> {};
        };
        rig.start();
        rig.pass(Duration.ofSeconds(1));

        assertThat(rig.upstream.copies).hasSize(1);
        assertThat(rig.subscriber.figures().copies().brokenOff()).isZero();
        assertThat(rig.subscriber.serving()).isEqualTo(ALL);
        assertThat(rig.read("z49")).isEqualTo("behind the last row of the copy");
    }

    @Test
    void shouldResumeACopyThatFellSilent() {
        rig.upstream.copiesBreakOff = true;
        rig.upstream.copiesFallSilent = true;
        rig.start();
        assertThat(rig.present().copyUnderWay().orElseThrow().rows()).isPositive();
        rig.pass(Duration.ofSeconds(25));
        assertThat(rig.upstream.copies).as("it may be slow").hasSize(1);

        rig.upstream.copiesBreakOff = false;
        rig.pass(Duration.ofSeconds(7));
        assertThat(rig.upstream.copies.get(0).closed).isTrue();
        assertThat(rig.upstream.copies).hasSize(2);
        assertThat(rig.upstream.copies.get(1).request.hasResumeToken()).isTrue();
        assertThat(rig.subscriber.serving()).isEqualTo(ALL);

        rig.pass(Duration.ofMinutes(2));
        assertThat(rig.upstream.copies).as("nothing is awaited").hasSize(2);
    }

    @Test
    void shouldAskMoreAndMoreSeldomForACopyThatBringsNothing() {
        rig.upstream.copiesBreakOff = true;
        rig.upstream.messagesBeforeTheyDo = 0;
        rig.start();
        rig.pass(Duration.ofMinutes(1));
        assertThat(rig.upstream.copies).hasSizeBetween(8, 20);

        rig.upstream.copiesBreakOff = false;
        rig.pass(Duration.ofSeconds(7));
        assertThat(rig.subscriber.serving()).isEqualTo(ALL);
    }

    @Test
    void shouldKeepWhatHasComeOfACopyWhileItsSourceHasNoPlaceForIt() {
        rig.upstream.copiesBreakOff = true;
        rig.start();
        long copied = rig.present().copyUnderWay().orElseThrow().rows();
        rig.upstream.overloaded = true;
        rig.pass(Duration.ofMinutes(2));

        assertThat(rig.upstream.copies).as("as seldom as the source says").hasSizeBetween(8, 16);
        assertThat(rig.present().copyUnderWay().orElseThrow().rows()).isEqualTo(copied);

        rig.upstream.overloaded = false;
        rig.upstream.copiesBreakOff = false;
        rig.pass(Duration.ofSeconds(11));
        FakeUpstream.Copy last = rig.upstream.copies.get(rig.upstream.copies.size() - 1);
        assertThat(last.request.hasResumeToken()).isTrue();
        assertThat(rig.subscriber.serving()).isEqualTo(ALL);
    }

    @Test
    void shouldHoldCommitsUntilACopyHasBegun() {
        rig.wanted = Shards.of(rig.shardOf("k1"));
        rig.start();
        rig.upstream.whenCopyAsked = () -> {
            rig.node.put("k2", "in between");
            rig.node.put("k1", "in between");
            rig.node.delete("k3");
            rig.upstream.feed().feedAll();
        };
        rig.wantOnly(ALL);

        assertThat(rig.failures).isEmpty();
        assertThat(rig.upstream.copies).as("none was in vain").hasSize(2);
        assertThat(rig.subscriber.serving()).isEqualTo(ALL);
        assertThat(rig.read("k1")).isEqualTo("in between");
        assertThat(rig.read("k2")).isEqualTo("in between");
        assertThat(rig.read("k3")).isNull();
        for (int shard = 0; shard < 1024; shard++) {
            assertThat(rig.present().digests().shard(shard))
                    .isEqualTo(rig.node.store().digests().shard(shard));
        }
    }

    @Test
    void shouldStopServingBeforeItUnsubscribes() {
        rig.start();
        Shards kept = Shards.of(1, 2, 3);
        int requestsThen = rig.upstream.feed().requests.size();

        rig.wanted = kept;
        rig.wantOnly(kept);

        assertThat(rig.subscriber.serving()).isEqualTo(kept);
        assertThat(rig.present().shards()).isEqualTo(kept);
        List<io.tidemark.proto.v1.FeedRequest> later = rig.upstream
                .feed()
                .requests
                .subList(requestsThen, rig.upstream.feed().requests.size());
        int told = indexOf(
                later,
                request -> request.hasHeartbeat()
                        && Shards.of(request.getHeartbeat().getServing(), 1024).equals(kept));
        int unsubscribed = indexOf(later, io.tidemark.proto.v1.FeedRequest::hasChangeSubscription);
        assertThat(told).isNotNegative().isLessThan(unsubscribed);
        assertThat(rig.upstream.feed().subscribed).isEqualTo(kept);
    }

    private static <T> int indexOf(List<T> list, java.util.function.Predicate<T> wanted) {
        for (int i = 0; i < list.size(); i++) {
            if (wanted.test(list.get(i))) {
                return i;
            }
        }
        return -1;
    }

    @Test
    void shouldStopServingWhatAnUpstreamCannotResume() {
        rig.start();
        Shards resumed = Shards.of(4, 5);
        rig.upstream.resumes = resumed;
        rig.upstream.copiesBreakOff = true;
        rig.upstream.feed().end(Optional.empty(), "reset");
        rig.pass(Duration.ofMillis(200));

        assertThat(rig.subscriber.serving()).isEqualTo(resumed);
        assertThat(rig.present().shards()).isEqualTo(resumed);

        rig.upstream.copiesBreakOff = false;
        rig.pass(Duration.ofSeconds(3));
        assertThat(rig.subscriber.serving()).isEqualTo(ALL);
    }

    @Test
    void shouldBeginAnewWhenTheHistoryChanges() throws Exception {
        rig.start();
        try (StoreRig other = new StoreRig(directory.resolve("other"))) {
            FakeUpstream upstream = rig.upstream;
            other.put("k1", "of another life");
            upstream.feed().end(Optional.of(ErrorReason.ERROR_REASON_HISTORY_CHANGED), "restored");
            upstream.deliver();
            assertThat(rig.subscriber.proofs().newestFor(Long.MAX_VALUE)).isNull();
            upstream.store = other.store();
            rig.pass(Duration.ofSeconds(2));

            assertThat(upstream.feed().hello().hasHistoryId()).isFalse();
            assertThat(rig.read("k1")).isEqualTo("of another life");
            assertThat(rig.read("k2")).isNull();
            assertThat(rig.subscriber.serving()).isEqualTo(ALL);
            upstream.store = rig.node.store();
        }
    }

    @Test
    void shouldNotCompareWithWhatWasSaidOfAnotherHistory() throws Exception {
        rig.start();
        long ahead = rig.present().appliedIndex() + 5;
        rig.upstream
                .feed()
                .say(FeedResponse.newBuilder()
                        .setDigests(DigestsAt.newBuilder()
                                .setIndex(ahead)
                                .setDigestVersion(RowHasher.VERSION)
                                .addDigests(ShardDigest.newBuilder()
                                        .setShard(rig.shardOf("k1"))
                                        .setDigest(ByteString.copyFrom(new byte[16])))));
        rig.upstream.deliver();
        try (StoreRig other = new StoreRig(directory.resolve("other"))) {
            FakeUpstream upstream = rig.upstream;
            other.put("k1", "of another life");
            upstream.feed().end(Optional.of(ErrorReason.ERROR_REASON_HISTORY_CHANGED), "restored");
            upstream.store = other.store();
            rig.pass(Duration.ofSeconds(2));
            assertThat(rig.present().appliedIndex()).isLessThan(ahead);

            while (other.store().appliedIndex() < ahead) {
                other.put("k2", "of another life");
            }
            upstream.feed().feedAll();
            rig.settle();
            assertThat(rig.present().appliedIndex()).isEqualTo(ahead);
            assertThat(rig.differing).isEmpty();
            assertThat(rig.subscriber.serving()).isEqualTo(ALL);
            upstream.store = rig.node.store();
        }
    }

    @Test
    void shouldRefuseANodeOfAnotherClusterAtTheStart() {
        rig.start();
        rig.present().checkpoint().join();
        rig.upstream.clusterId = "c2";
        rig.restart();

        assertThat(rig.failures)
                .singleElement()
                .asString()
                .contains("cluster c2")
                .contains("c1");
        assertThat(rig.read("k1")).isEqualTo("v1");
    }

    @Test
    void shouldPreferFollowersOfItsZoneAndTheLeaderLast() {
        rig.upstream.nodes.add(node("leader:1", "z1", ServerRole.SERVER_ROLE_LEADER));
        rig.upstream.nodes.add(node("far:1", "z2", ServerRole.SERVER_ROLE_FOLLOWER));
        rig.upstream.nodes.add(node("near:1", "z1", ServerRole.SERVER_ROLE_FOLLOWER));
        rig.start();
        assertThat(rig.upstream.feed().address).isEqualTo("near:1");

        rig.upstream.feed().end(Optional.empty(), "reset");
        rig.pass(Duration.ofSeconds(1));
        assertThat(rig.upstream.feed().address).isEqualTo("far:1");

        rig.upstream
                .feed()
                .say(FeedResponse.newBuilder()
                        .setGoodbye(FeedGoodbye.newBuilder()
                                .setReason(FeedGoodbyeReason.FEED_GOODBYE_REASON_STOPPING)
                                .addOtherUpstreams("other:1")));
        rig.pass(Duration.ofSeconds(1));
        assertThat(rig.upstream.feed().address).isEqualTo("other:1");
    }

    private static Node node(String address, String zone, ServerRole role) {
        return Node.newBuilder()
                .setNodeId(address)
                .setInternalAddress(address)
                .setZone(zone)
                .setRole(role)
                .setMembership(NodeMembership.NODE_MEMBERSHIP_VOTER)
                .build();
    }

    @Test
    void shouldLeaveAnUpstreamThatCanProveNothingForAnother() {
        rig.upstream.nodes.add(node("a:1", "z1", ServerRole.SERVER_ROLE_FOLLOWER));
        rig.upstream.nodes.add(node("b:1", "z2", ServerRole.SERVER_ROLE_FOLLOWER));
        rig.start();
        rig.upstream.leaderless = true;
        rig.pass(Duration.ofSeconds(7));

        assertThat(rig.upstream.feeds.get(1).address).isEqualTo("b:1");
    }

    /** Proofs come behind what they cover, and so late; to leave would only make it later. */
    @Test
    void shouldStayWithAnUpstreamWhileItTellsWhatWasMissed() {
        rig.upstream.nodes.add(node("a:1", "z1", ServerRole.SERVER_ROLE_FOLLOWER));
        rig.upstream.nodes.add(node("b:1", "z2", ServerRole.SERVER_ROLE_FOLLOWER));
        rig.start();
        for (int i = 0; i < 20; i++) {
            rig.node.put("k", "v" + i);
        }
        rig.upstream.holdsProbes = true;
        rig.restart();
        int feeds = rig.upstream.feeds.size();

        for (int i = 0; i < 20; i++) {
            rig.upstream.feed().feedNext();
            rig.pass(Duration.ofSeconds(1));
        }
        assertThat(rig.read("k")).isEqualTo("v19");
        assertThat(rig.upstream.feeds).hasSize(feeds);

        for (int i = 0; i < 8; i++) {
            rig.node.put("k", "later" + i);
            rig.upstream.feed().feedNext();
            rig.pass(Duration.ofSeconds(1));
        }
        assertThat(rig.upstream.feeds).hasSizeGreaterThan(feeds);
    }

    @Test
    void shouldLeaveAnUpstreamThatSaysNothing() {
        rig.start();
        rig.upstream.holdsProbes = true;
        rig.pass(Duration.ofSeconds(7));

        assertThat(rig.upstream.feeds).hasSizeGreaterThan(1);
        assertThat(rig.upstream.feeds.get(0).closed).isTrue();
    }

    @Test
    void shouldGiveBackTheCreditThatWasUsedUp() {
        rig.start();
        FakeUpstream.Feed feed = rig.upstream.feed();
        for (int i = 0; i < 4; i++) {
            rig.node.put("t", "big", ByteString.copyFrom(new byte[1 << 20]), "x/y");
        }
        feed.feedAll();
        rig.settle();

        assertThat(feed.credited).isGreaterThan(2L << 20);
    }

    /** A checkpoint is written by the engine's own thread. */
    private void awaitRoom() {
        for (int i = 0; i < 1_000 && rig.diskFull.get(rig.diskFull.size() - 1); i++) {
            rig.pass(Duration.ofSeconds(1));
            rig.disk.written.join();
        }
    }

    @Test
    void shouldApplyNothingWhileTheDiskIsFullAndGoOnWhenThereIsRoom() {
        rig.start();
        long applied = rig.present().appliedIndex();
        rig.disk.full = true;
        for (int i = 0; i < 10; i++) {
            rig.node.put("k" + i, "while full");
            rig.upstream.feed().feedAll();
            rig.pass(Duration.ofSeconds(1));
        }

        assertThat(rig.diskFull).as("told once").containsExactly(true);
        assertThat(rig.failures).isEmpty();
        assertThat(rig.present().appliedIndex()).isEqualTo(applied);
        assertThat(rig.read("k1")).isEqualTo("v1");
        assertThat(rig.subscriber.serving()).isEqualTo(ALL);
        assertThat(rig.staleness().orElseThrow()).isGreaterThan(Duration.ofSeconds(9));
        assertThat(rig.disk.refused).as("tried now and then").isLessThan(30);
        assertThat(rig.upstream.feeds).as("the upstream is not to blame").hasSize(1);

        rig.disk.full = false;
        awaitRoom();
        assertThat(rig.diskFull).containsExactly(true, false);
        assertThat(rig.present().appliedIndex()).isEqualTo(rig.node.store().appliedIndex());
        assertThat(rig.read("k9")).isEqualTo("while full");
        rig.pass(Duration.ofSeconds(2));
        assertThat(rig.staleness().orElseThrow()).isLessThan(Duration.ofSeconds(2));
    }

    @Test
    void shouldGoOnWithACopyThatFoundNoRoom() {
        rig.wanted = Shards.NONE;
        rig.start();
        rig.disk.full = true;
        rig.wantOnly(ALL);
        rig.pass(Duration.ofSeconds(20));

        assertThat(rig.diskFull).containsExactly(true);
        assertThat(rig.failures).isEmpty();
        assertThat(rig.present().shards()).isEqualTo(Shards.NONE);

        rig.disk.full = false;
        awaitRoom();
        rig.pass(Duration.ofSeconds(10));
        assertThat(rig.diskFull).containsExactly(true, false);
        assertThat(rig.subscriber.serving()).isEqualTo(ALL);
        assertThat(rig.read("k1")).isEqualTo("v1");
    }

    @Test
    void shouldBeginACopyAnewThatWasInVainOverAFullDisk() {
        rig.upstream.copiesBreakOff = true;
        rig.upstream.messagesBeforeTheyDo = 0;
        rig.start();
        rig.disk.full = true;
        rig.pass(Duration.ofSeconds(20));

        assertThat(rig.diskFull).containsExactly(true);
        assertThat(rig.failures).isEmpty();
        assertThat(rig.present().copyUnderWay()).as("it could not be dropped").isPresent();

        rig.disk.full = false;
        rig.upstream.copiesBreakOff = false;
        awaitRoom();
        rig.pass(Duration.ofSeconds(10));
        assertThat(rig.diskFull).containsExactly(true, false);
        assertThat(rig.failures).isEmpty();
        assertThat(rig.subscriber.serving()).isEqualTo(ALL);
        assertThat(rig.read("k1")).isEqualTo("v1");
    }

    @Test
    void shouldGiveUpAShardAndTakeItBackOverAFullDisk() {
        rig.start();
        Shards one = Shards.of(rig.shardOf("k1"));
        rig.disk.full = true;
        rig.wantOnly(ALL.minus(one));
        rig.pass(Duration.ofSeconds(5));
        assertThat(rig.subscriber.serving()).isEqualTo(ALL.minus(one));

        rig.disk.full = false;
        awaitRoom();
        rig.pass(Duration.ofSeconds(1));
        assertThat(rig.present().shards()).isEqualTo(ALL.minus(one));
        assertThat(rig.present().dropping()).isEqualTo(Shards.NONE);
        rig.wantOnly(ALL);
        rig.pass(Duration.ofSeconds(1));
        assertThat(rig.subscriber.serving()).isEqualTo(ALL);
    }

    /** Nobody else has that state. What had come of it is replaced, and nothing of the feed in between is lost. */
    @Test
    void shouldBeginACopyAnewElsewhereWhenItsSourceIsGone() {
        rig.upstream.nodes.add(node("dies:1", "z1", ServerRole.SERVER_ROLE_FOLLOWER));
        rig.upstream.nodes.add(node("lives:1", "z2", ServerRole.SERVER_ROLE_FOLLOWER));
        rig.upstream.copiesBreakOff = true;
        rig.start();
        assertThat(rig.upstream.copies.get(0).address).isEqualTo("dies:1");
        assertThat(rig.present().copyUnderWay().orElseThrow().rows()).isPositive();

        rig.upstream.gone.add("dies:1");
        rig.upstream.copiesBreakOff = false;
        rig.upstream.feed().end(Optional.empty(), "reset");
        rig.node.delete("k0");
        rig.node.put("k1", "in between");
        rig.node.put("new", "in between");
        rig.pass(Duration.ofSeconds(5));

        FakeUpstream.Copy last = rig.upstream.copies.get(rig.upstream.copies.size() - 1);
        assertThat(last.address).isEqualTo("lives:1");
        assertThat(last.request.hasResumeToken()).isFalse();
        assertThat(rig.subscriber.serving()).isEqualTo(ALL);
        assertThat(rig.read("k0")).isNull();
        assertThat(rig.read("k1")).isEqualTo("in between");
        assertThat(rig.read("new")).isEqualTo("in between");
        rig.upstream.feed().digests();
        rig.settle();
        assertThat(rig.differing).isEmpty();
        assertThat(rig.present().check(rows -> {}).isSound()).isTrue();
    }

    @Test
    void shouldNameWhatDiffersServeNoneOfItAndCopyItAgain() {
        rig.start();
        int shard = rig.shardOf("k1");
        Shards wrong = Shards.of(shard);
        rig.plant("k1", "wrong");
        rig.start();
        assertThat(rig.read("k1")).isEqualTo("wrong");
        assertThat(rig.subscriber.serving()).isEqualTo(ALL);

        rig.upstream.feed().digests();
        rig.upstream.deliver();

        assertThat(rig.subscriber.serving()).isEqualTo(ALL.minus(wrong));
        assertThat(rig.differing).hasSize(2);
        assertThat(rig.differing.get(1)).singleElement().satisfies(mismatch -> {
            assertThat(mismatch.getShard()).isEqualTo(shard);
            assertThat(mismatch.getIndex()).isEqualTo(rig.node.store().appliedIndex());
            assertThat(mismatch.getBucketsList()).hasSize(1);
        });
        assertThat(rig.subscriber.figures().mismatches()).isEqualTo(rig.differing.get(1));
        assertThat(rig.mended).isEmpty();

        rig.pass(Duration.ofSeconds(1));
        assertThat(rig.subscriber.serving()).isEqualTo(ALL);
        assertThat(rig.read("k1")).isEqualTo("v1");
        assertThat(rig.upstream.copies).hasSize(2);
        assertThat(rig.mended).containsExactly(shard);
        assertThat(rig.subscriber.figures().mismatches()).isEmpty();
        assertThat(rig.subscriber.figures().mismatchesFound()).isEqualTo(1);
        assertThat(rig.upstream.copies).hasSize(2);
    }

    /** After a start the digests of the upstream may come before the topology that says what is placed here. */
    @Test
    void shouldCopyWhatDiffersAgainWhileNothingCertainIsKnownOfItsPlacement() {
        rig.start();
        rig.plant("k1", "wrong");
        rig.owned = OwnedShards.placed();
        rig.start();

        rig.upstream.feed().digests();
        rig.upstream.deliver();

        assertThat(rig.differing.get(1))
                .singleElement()
                .satisfies(mismatch -> assertThat(mismatch.getBucketsList()).hasSize(1));
        rig.pass(Duration.ofSeconds(1));
        assertThat(rig.subscriber.serving()).isEqualTo(ALL);
        assertThat(rig.read("k1")).isEqualTo("v1");
        assertThat(rig.mended).containsExactly(rig.shardOf("k1"));
        assertThat(rig.forgotten).isEmpty();
    }

    @Test
    void shouldCopyAgainWhatACheckFindsWrongOnDisk() {
        rig.start();
        int shard = rig.shardOf("k1");
        rig.plantUnnoticed("k1", "wrong");
        rig.start();
        rig.upstream.feed().digests();
        rig.settle();
        assertThat(rig.differing).as("before it is looked at").isEmpty();

        Store store = rig.present();
        List<DigestMismatch> found = new Digests(StoreRig::header)
                .check(store, progress -> {}, () -> false)
                .mismatches();
        rig.subscriber.damaged(store, found);

        assertThat(rig.subscriber.serving()).isEqualTo(ALL.minus(Shards.of(shard)));
        rig.pass(Duration.ofSeconds(1));
        assertThat(rig.read("k1")).isEqualTo("v1");
        assertThat(rig.subscriber.serving()).isEqualTo(ALL);
        assertThat(rig.mended).containsExactly(shard);
        assertThat(store.check(rows -> {}).isSound()).isTrue();
    }

    /** With its next change the old row is taken out of the digest as it lies here, not as it was. */
    @Test
    void shouldNoticeAWrongRowWhenItIsWrittenAgain() {
        rig.start();
        rig.plantUnnoticed("k1", "wrong");
        rig.start();
        rig.node.put("k1", "right");
        rig.upstream.feed().digests();
        rig.settle();

        assertThat(rig.differing.get(0))
                .singleElement()
                .satisfies(mismatch -> assertThat(mismatch.getShard()).isEqualTo(rig.shardOf("k1")));
        rig.pass(Duration.ofSeconds(1));
        assertThat(rig.mended).containsExactly(rig.shardOf("k1"));
        assertThat(rig.read("k1")).isEqualTo("right");
    }

    @Test
    void shouldTakeNoCopyThatIsNotWhatItsSourceApplied() {
        rig.upstream.nodes.add(node("bad:1", "z1", ServerRole.SERVER_ROLE_FOLLOWER));
        rig.upstream.nodes.add(node("good:1", "z2", ServerRole.SERVER_ROLE_FOLLOWER));
        rig.upstream.wrongDigestsOf.add("bad:1");
        rig.start();

        assertThat(rig.upstream.copies.get(0).address).isEqualTo("bad:1");
        assertThat(rig.present().shards()).isEqualTo(Shards.NONE);
        assertThat(rig.subscriber.serving()).isEqualTo(Shards.NONE);
        assertThat(rig.copiesDiffered).containsExactly("bad:1");
        assertThat(rig.subscriber.figures().copiesDiffered()).isEqualTo(1);

        rig.pass(Duration.ofSeconds(3));
        assertThat(rig.upstream.feed().address).isEqualTo("good:1");
        assertThat(rig.upstream.copies).hasSize(2);
        assertThat(rig.subscriber.serving()).isEqualTo(ALL);
        assertThat(rig.copiesDiffered).as("until that node gives a right one").containsExactly("bad:1");
    }

    @Test
    void shouldAskSeldomForACopyThatNobodyHasRight() {
        rig.upstream.wrongDigestsOf.add("seed:1");
        rig.start();
        rig.pass(Duration.ofMinutes(5));

        assertThat(rig.subscriber.serving()).isEqualTo(Shards.NONE);
        assertThat(rig.upstream.copies).hasSizeBetween(4, 12);

        rig.upstream.wrongDigestsOf.clear();
        rig.pass(Duration.ofMinutes(2));
        assertThat(rig.subscriber.serving()).isEqualTo(ALL);
        assertThat(rig.copiesDiffered).isEmpty();
    }

    @Test
    void shouldNotCompareDigestsThatWereComputedInAnotherWay() {
        rig.start();
        rig.upstream
                .feed()
                .say(FeedResponse.newBuilder()
                        .setDigests(DigestsAt.newBuilder()
                                .setIndex(rig.present().appliedIndex())
                                .setDigestVersion(RowHasher.VERSION + 1)
                                .addDigests(ShardDigest.newBuilder().setShard(1))));
        rig.upstream.deliver();

        assertThat(rig.subscriber.serving()).isEqualTo(ALL);
        assertThat(rig.differing).isEmpty();
    }

    @Test
    void shouldTellWhatItServesAndHowFarItIs() {
        rig.start();
        rig.pass(Duration.ofSeconds(2));

        var beats = rig.upstream.feed().heartbeats;
        var last = beats.get(beats.size() - 1);
        assertThat(Shards.of(last.getServing(), 1024)).isEqualTo(ALL);
        assertThat(last.getAppliedIndex()).isEqualTo(rig.node.store().appliedIndex());
        assertThat(last.hasStaleness()).isTrue();
        assertThat(last.getBootstrapsList()).isEmpty();
    }
}
