// SPDX-License-Identifier: Apache-2.0
package io.tidemark.server.feed.core;

import static io.tidemark.server.watch.WatchedStore.delete;
import static io.tidemark.server.watch.WatchedStore.put;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.UnknownFieldSet;
import io.tidemark.api.ErrorStatus;
import io.tidemark.api.ShardHash;
import io.tidemark.proto.v1.ChangeSubscription;
import io.tidemark.proto.v1.Effects;
import io.tidemark.proto.v1.ErrorReason;
import io.tidemark.proto.v1.FeedCommit;
import io.tidemark.proto.v1.FeedGoodbyeReason;
import io.tidemark.proto.v1.FeedProbe;
import io.tidemark.proto.v1.FeedRequest;
import io.tidemark.proto.v1.FeedResponse;
import io.tidemark.proto.v1.FeedWelcome;
import io.tidemark.proto.v1.HorizonPassed;
import io.tidemark.proto.v1.Mutation;
import io.tidemark.proto.v1.ProbeAnswer;
import io.tidemark.proto.v1.ProbeFailure;
import io.tidemark.proto.v1.ShardEffects;
import io.tidemark.proto.v1.SubscriberHeartbeat;
import io.tidemark.proto.v1.SubscriptionChanged;
import io.tidemark.proto.v1.SystemEffects;
import io.tidemark.proto.v1.Through;
import io.tidemark.server.feed.core.FeedCounts.End;
import io.tidemark.store.Shards;
import io.tidemark.store.digest.RowHasher;
import io.tidemark.store.feed.CommitEffects;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What {@code replication.proto} says of the feed, sentence by sentence. */
class FeedSessionTest {

    private static final int MESSAGE_BYTES = 1000;
    private static final long RING = 1 << 20;
    /** Nothing but the newest commit stays in memory. */
    private static final long NO_RING = 1;

    private FeedRig rig = new FeedRig(RING, MESSAGE_BYTES);

    @AfterEach
    void close() {
        rig.close();
    }

    private void withoutRing() {
        rig.close();
        rig = new FeedRig(NO_RING, MESSAGE_BYTES);
    }

    private long commit(String... keys) {
        Mutation[] puts = new Mutation[keys.length];
        for (int i = 0; i < keys.length; i++) {
            puts[i] = put("t", keys[i], "v" + rig.store().appliedIndex());
        }
        return rig.rig.commit(puts);
    }

    private static int shardOf(String key) {
        return ShardHash.shardOf("t", key, FeedRig.SHARDS);
    }

    /** One of a shard, another for each number. */
    private static String keyOf(int shard, int number) {
        return IntStream.iterate(0, i -> i + 1)
                .mapToObj(i -> "k" + i)
                .filter(key -> shardOf(key) == shard)
                .skip(number)
                .findFirst()
                .orElseThrow();
    }

    private static String keyNotOf(int shard, String table) {
        return IntStream.iterate(0, i -> i + 1)
                .mapToObj(i -> "k" + i)
                .filter(key -> ShardHash.shardOf(table, key, FeedRig.SHARDS) != shard)
                .findFirst()
                .orElseThrow();
    }

    private FeedRig.Stream near() {
        return near(rig.store().appliedIndex());
    }

    private FeedRig.Stream near(long applied) {
        return rig.stream().hello(FeedRig.hello().setAppliedIndex(applied));
    }

    private static FeedWelcome welcome(FeedRig.Stream stream) {
        return stream.link.messages.get(0).getWelcome();
    }

    private static List<Long> indexes(FeedRig.Stream stream) {
        return stream.link.commits().stream().map(FeedCommit::getIndex).toList();
    }

    private static List<Integer> shards(FeedCommit commit) {
        return commit.getShardsList().stream().map(ShardEffects::getShard).toList();
    }

    private void raiseHorizon() {
        long before = rig.store().horizon();
        for (int i = 0; rig.store().horizon() == before; i++) {
            assertThat(i).isLessThan(10_000);
            rig.rig.passSeconds(100);
            commit("h");
        }
    }

    // The handshake.

    @Test
    void shouldWelcomeWhoGoesOn() {
        commit("a");
        commit("b");

        FeedRig.Stream stream = rig.stream()
                .hello(FeedRig.hello()
                        .setAppliedIndex(1)
                        .setHeldShards(Shards.of(1, 2).toProto()));

        FeedWelcome welcome = welcome(stream);
        assertThat(welcome.getUpstreamId()).isEqualTo("n1");
        assertThat(welcome.getClusterId()).isEqualTo(FeedRig.CLUSTER);
        assertThat(welcome.getHistoryId()).isEqualTo(rig.store().history().text());
        assertThat(welcome.getFeedVersion()).isEqualTo(1);
        assertThat(welcome.getShardCount()).isEqualTo(FeedRig.SHARDS);
        assertThat(welcome.getAppliedIndex()).isEqualTo(2);
        assertThat(welcome.getHorizon()).isEqualTo(rig.store().horizon());
        assertThat(welcome.getDistance()).isZero();
        assertThat(welcome.getResumableShards()).isEqualTo(Shards.of(1, 2).toProto());
        assertThat(welcome.hasStart()).isFalse();
        assertThat(stream.begun).isEqualTo(1);
    }

    @Test
    void shouldRefuseAnotherCluster() {
        FeedRig.Stream stream = rig.stream().hello(FeedRig.hello().setClusterId("c2"));

        assertThat(stream.link.reason()).isEqualTo(ErrorReason.ERROR_REASON_CLUSTER_MISMATCH);
        assertThat(stream.link.messages).isEmpty();
        assertThat(stream.begun).isZero();
        assertThat(stream.ended).isEqualTo(1);
    }

    @Test
    void shouldRefuseAnotherHistory() {
        FeedRig.Stream stream = rig.stream().hello(FeedRig.hello().setHistoryId("fedcba9876543210"));

        assertThat(stream.link.reason()).isEqualTo(ErrorReason.ERROR_REASON_HISTORY_CHANGED);
    }

    @Test
    void shouldRefuseWhoSpeaksNoVersionOfIts() {
        FeedRig.Stream stream = rig.stream()
                .hello(FeedRig.hello().clearFeedVersions().addFeedVersions(2).addFeedVersions(3));

        assertThat(stream.link.reason()).isEqualTo(ErrorReason.ERROR_REASON_CLUSTER_MISMATCH);
    }

    @Test
    void shouldUnderstandTheHelloOfANewerSubscriber() {
        FeedRig.Stream stream = rig.stream()
                .hello(FeedRig.hello()
                        .addFeedVersions(2)
                        .setUnknownFields(UnknownFieldSet.newBuilder()
                                .addField(
                                        900,
                                        UnknownFieldSet.Field.newBuilder()
                                                .addVarint(1)
                                                .build())
                                .build()));

        assertThat(welcome(stream).getFeedVersion()).isEqualTo(1);
    }

    @Test
    void shouldTakeHelloFirstAndOnce() {
        FeedRig.Stream early = rig.stream().probe(1);
        FeedRig.Stream twice = near().hello(FeedRig.hello());

        assertThat(early.link.reason()).isEqualTo(ErrorReason.ERROR_REASON_INVALID_FIELD);
        assertThat(twice.link.reason()).isEqualTo(ErrorReason.ERROR_REASON_INVALID_FIELD);
        assertThat(rig.confirmations).isEmpty();
    }

    @Test
    void shouldNotTakeWhatItDoesNotUnderstandForNothing() {
        FeedRig.Stream stream = near();

        stream.send(FeedRequest.newBuilder()
                .setUnknownFields(UnknownFieldSet.newBuilder()
                        .addField(
                                77,
                                UnknownFieldSet.Field.newBuilder().addVarint(1).build())
                        .build()));

        assertThat(stream.link.reason()).isEqualTo(ErrorReason.ERROR_REASON_UNSUPPORTED);
    }

    @Test
    void shouldStartAnEmptySubscriberBehindWhatIsApplied() {
        commit("a");
        commit("b");

        FeedRig.Stream stream = rig.stream().hello(FeedRig.hello().clearHistoryId());
        commit("c");
        stream.run();

        FeedWelcome welcome = welcome(stream);
        assertThat(welcome.getAppliedIndex()).isEqualTo(2);
        assertThat(welcome.getResumableShards().getRangesList()).isEmpty();
        assertThat(welcome.getStart().getTablesList())
                .singleElement()
                .satisfies(table -> assertThat(table.getTable()).isEqualTo("t"));
        assertThat(welcome.getStart().getSettings()).isEqualTo(rig.store().settings());
        assertThat(welcome.getStart().getTransitionVersion())
                .isEqualTo(rig.store().transitionVersion());
        assertThat(welcome.getStart().hasLogTime()).isTrue();
        assertThat(stream.link.commits()).as("no shard is subscribed").isEmpty();
        assertThat(stream.link.throughs().get(0).getThroughIndex()).isEqualTo(3);
    }

    @Test
    void shouldStartWhoIsOlderThanTheHorizon() {
        commit("a");
        raiseHorizon();

        FeedRig.Stream old = near(rig.store().horizon() - 1);
        FeedRig.Stream justNotOld = near(rig.store().horizon());

        assertThat(welcome(old).hasStart()).isTrue();
        assertThat(welcome(old).getResumableShards().getRangesList()).isEmpty();
        assertThat(welcome(justNotOld).hasStart()).isFalse();
        assertThat(justNotOld.link.hasEnded()).isFalse();
    }

    @Test
    void shouldSayNothingToWhoIsAheadUntilItHasAppliedAsMuch() {
        commit("a");
        FeedRig.Stream stream = near(3);
        stream.probe(1);
        rig.confirm();
        stream.change(1, Shards.of(1), Shards.of(1));
        rig.time.pass(SILENCE_AND_MORE);
        commit("b");
        stream.run();

        assertThat(stream.link.messages).hasSize(1);
        assertThat(welcome(stream).getAppliedIndex()).isEqualTo(1);
        assertThat(stream.session.mode()).isEqualTo(FeedMode.AHEAD);

        commit("c");
        commit("d");
        stream.run();

        assertThat(indexes(stream)).containsExactly(4L);
        assertThat(stream.link.answers())
                .singleElement()
                .satisfies(answer ->
                        assertThat(answer.getProof().getCoveredIndex()).isEqualTo(1));
        assertThat(stream.session.mode()).isEqualTo(FeedMode.NEAR);
    }

    private static final Duration SILENCE_AND_MORE = FeedRig.SILENCE.plusMillis(600);

    @Test
    void shouldFailTheProbesOfWhoIsAheadInTheEnd() {
        FeedRig.Stream stream = near(3);
        stream.probe(1);

        rig.time.pass(FeedRig.PROBE_MAX.plusSeconds(1));
        stream.run();

        assertThat(stream.link.answers())
                .singleElement()
                .satisfies(answer -> assertThat(answer.getFailure()).isEqualTo(ProbeFailure.PROBE_FAILURE_TIMED_OUT));
    }

    // Commits.

    @Test
    void shouldSendSubscribedShardsAloneAndInOrder() {
        FeedRig.Stream stream =
                rig.stream().hello(FeedRig.hello().setHeldShards(Shards.of(3).toProto()));
        long table = commit(keyOf(4, 0));
        long both = commit(keyOf(3, 0), keyOf(4, 1));
        commit(keyOf(4, 2));
        long last = commit(keyOf(3, 1));
        stream.run();

        assertThat(indexes(stream)).containsExactly(table, both, last);
        assertThat(shards(stream.link.commits().get(0)))
                .as("of the commit that made the table")
                .isEmpty();
        assertThat(shards(stream.link.commits().get(1))).containsExactly(3);
        assertThat(stream.link.throughs().get(0))
                .isEqualTo(Through.newBuilder()
                        .setThroughIndex(last)
                        .setThroughTime(rig.store().logTime().toTimestamp())
                        .build());
    }

    @Test
    void shouldTellEverybodyOfWhatBelongsToNoShard() throws Exception {
        FeedRig.Stream stream = rig.stream().hello(FeedRig.hello().clearHeldShards());
        commit("a");
        long dropped = rig.rig.dropTable("t");
        stream.run();

        List<FeedCommit> commits = stream.link.commits();
        assertThat(commits.get(commits.size() - 1).getIndex()).isEqualTo(dropped);
        assertThat(SystemEffects.parseFrom(commits.get(commits.size() - 1).getSystemEffects())
                        .getEffectsList())
                .isNotEmpty();
    }

    @Test
    void shouldEncodeACommitOnceWhoeverFollows() {
        List<FeedRig.Stream> streams =
                IntStream.range(0, 5).mapToObj(i -> near(0)).toList();
        commit("a", "b", "c");
        streams.forEach(FeedRig.Stream::run);

        List<ShardEffects> first = streams.get(0).link.commits().get(0).getShardsList();
        assertThat(first).isNotEmpty();
        for (FeedRig.Stream other : streams) {
            List<ShardEffects> same = other.link.commits().get(0).getShardsList();
            for (int i = 0; i < first.size(); i++) {
                assertThat(same.get(i).getEffects()).isSameAs(first.get(i).getEffects());
            }
        }
    }

    @Test
    void shouldCutALargeCommitBetweenItsEffects() throws Exception {
        FeedRig.Stream stream = near();
        String[] keys = IntStream.range(0, 100).mapToObj(i -> "key" + i).toArray(String[]::new);
        stream.run();
        long index = commit(keys);
        long next = commit("x");
        stream.run();

        List<FeedCommit> parts = stream.link.commits().stream()
                .filter(commit -> commit.getIndex() == index)
                .toList();
        assertThat(parts).hasSizeGreaterThan(2).allSatisfy(part -> {
            assertThat(part.hasFragment()).isTrue();
            assertThat(part.getSerializedSize()).isLessThanOrEqualTo(MESSAGE_BYTES);
        });
        assertThat(parts.stream().map(part -> part.getFragment().getNumber()))
                .containsExactlyElementsOf(
                        IntStream.range(0, parts.size()).boxed().toList());
        assertThat(parts.stream().filter(part -> part.getFragment().getLast()))
                .containsExactly(parts.get(parts.size() - 1));
        FeedCommit.Builder whole =
                FeedCommit.newBuilder().setIndex(index).setLogTime(parts.get(0).getLogTime());
        parts.forEach(part -> whole.addAllShards(part.getShardsList()));
        assertThat(CommitEffects.of(whole.build()).rows()).hasSize(keys.length);
        assertThat(parts.get(0).getSystemEffects()).isNotEqualTo(ByteString.EMPTY);
        assertThat(stream.link.messages.stream()
                        .filter(FeedResponse::hasThrough)
                        .map(message -> message.getThrough().getThroughIndex()))
                .as("nothing is said of the commit before its last part")
                .allMatch(through -> through == index || through == next);
        int lastPart = stream.link.messages.indexOf(stream.link.messages.stream()
                .filter(message -> message.getCommits().getCommitsList().contains(parts.get(parts.size() - 1)))
                .findFirst()
                .orElseThrow());
        assertThat(stream.link.messages.subList(1, lastPart)).allMatch(FeedResponse::hasCommits);
    }

    @Test
    void shouldSendARowThatIsLargerThanAMessageAlone() throws Exception {
        FeedRig.Stream stream = near();
        rig.rig.commit(put("t", "large", "x".repeat(5 * MESSAGE_BYTES)), put("t", "small", "y"));
        stream.run();

        assertThat(stream.link.commits()).hasSizeBetween(2, 3);
        long rows = 0;
        for (FeedCommit part : stream.link.commits()) {
            for (ShardEffects shard : part.getShardsList()) {
                rows += Effects.parseFrom(shard.getEffects()).getEffectsCount();
            }
        }
        assertThat(rows).isEqualTo(2);
    }

    @Test
    void shouldBreakASilence() {
        commit("a");
        FeedRig.Stream stream = near();
        stream.link.take();

        rig.time.pass(SILENCE_AND_MORE);
        stream.run();

        assertThat(stream.link.throughs())
                .singleElement()
                .isEqualTo(Through.newBuilder()
                        .setThroughIndex(1)
                        .setThroughTime(rig.store().logTime().toTimestamp())
                        .build());
    }

    @Test
    void shouldTellALateReaderTheTimeWithEachThrough() {
        withoutRing();
        for (int i = 0; i < 100; i++) {
            commit(keyOf(1, i));
        }
        FeedRig.Stream stream =
                rig.stream().hello(FeedRig.hello().setHeldShards(Shards.of(2).toProto()));

        assertThat(stream.link.throughs())
                .hasSizeGreaterThan(2)
                .allSatisfy(through ->
                        assertThat(through.getThroughTime().getSeconds()).isEqualTo(1000 + through.getThroughIndex()));
    }

    // The subscription.

    @Test
    void shouldFeedAddedShardsBehindWhatTheStreamHasReached() {
        commit(keyOf(1, 0), keyOf(2, 0));
        FeedRig.Stream stream = rig.stream()
                .hello(FeedRig.hello()
                        .setAppliedIndex(1)
                        .setHeldShards(Shards.of(1).toProto()));

        stream.change(1, Shards.of(2, 3), Shards.of(1));
        long next = commit(keyOf(1, 1), keyOf(2, 1));
        stream.run();

        SubscriptionChanged changed = stream.link.messages.get(1).getSubscriptionChanged();
        assertThat(changed)
                .isEqualTo(SubscriptionChanged.newBuilder()
                        .setSubscriptionVersion(1)
                        .setFromIndex(2)
                        .setShards(Shards.of(2, 3).toProto())
                        .build());
        Through through = stream.link.messages.get(2).getThrough();
        assertThat(through.getSubscriptionVersion()).isEqualTo(1);
        assertThat(through.getThroughIndex()).isEqualTo(1);
        assertThat(indexes(stream)).containsExactly(next);
        assertThat(shards(stream.link.commits().get(0))).containsExactly(2);
    }

    @Test
    void shouldSendMissedCommitsRightBehindTheChangeAndBeforeAnythingThatNamesIt() {
        shouldSendMissedCommits();
    }

    @Test
    void shouldSendMissedCommitsFromDiskToo() {
        withoutRing();
        shouldSendMissedCommits();
        assertThat(rig.counts.diskReads()).isPositive();
    }

    private void shouldSendMissedCommits() {
        List<Long> of2 = new ArrayList<>();
        commit(keyOf(1, 0));
        for (int i = 0; i < 40; i++) {
            of2.add(commit(keyOf(1, i), keyOf(2, i)));
            rig.rig.commit(put("table" + i, keyNotOf(2, "table" + i), "v"));
        }
        FeedRig.Stream stream = rig.stream()
                .hello(FeedRig.hello()
                        .setAppliedIndex(rig.store().appliedIndex())
                        .setHeldShards(Shards.of(1).toProto()));
        rig.topology = FeedRig.topology(1);
        stream.session.topologyChanged();
        stream.probe(5);
        rig.confirm();
        rig.diskIsQuick = false;

        stream.change(ChangeSubscription.newBuilder()
                .setSubscriptionVersion(1)
                .setAdd(Shards.of(2).toProto())
                .setFromIndex(of2.get(10)));
        // While the disk is read there is nothing to say that could come in between.
        commit(keyOf(1, 50));
        stream.probe(6);
        rig.confirm();
        rig.time.pass(SILENCE_AND_MORE);
        stream.run();
        rig.diskIsQuick = true;
        rig.runDisk();
        stream.run();

        List<FeedResponse> messages = stream.link.messages;
        int changed = messages.indexOf(messages.stream()
                .filter(FeedResponse::hasSubscriptionChanged)
                .findFirst()
                .orElseThrow());
        assertThat(messages.get(changed).getSubscriptionChanged().getFromIndex())
                .isEqualTo(of2.get(10));
        List<Long> missed = new ArrayList<>();
        int at = changed + 1;
        while (missed.size() < 30) {
            FeedResponse message = messages.get(at++);
            assertThat(message.hasCommits()).as("message %s", message).isTrue();
            for (FeedCommit commit : message.getCommits().getCommitsList()) {
                missed.add(commit.getIndex());
                assertThat(shards(commit)).containsExactly(2);
                assertThat(commit.getSystemEffects()).isEqualTo(ByteString.EMPTY);
            }
        }
        assertThat(missed).isEqualTo(of2.subList(10, 40));
        assertThat(messages.subList(0, changed))
                .noneMatch(message -> message.getThrough().getSubscriptionVersion() > 0
                        || message.getProbeAnswer().getSubscriptionVersion() > 0);
        assertThat(stream.link.answers())
                .filteredOn(answer -> answer.getProbeId() == 6)
                .singleElement()
                .satisfies(answer -> assertThat(answer.getSubscriptionVersion()).isEqualTo(1));
    }

    @Test
    void shouldNotLoseWhatAChangeAddsWhileTheDiskIsRead() {
        withoutRing();
        for (int i = 0; i < 20; i++) {
            commit(keyOf(1, i), keyOf(2, i));
        }
        rig.diskIsQuick = false;
        FeedRig.Stream stream =
                rig.stream().hello(FeedRig.hello().setHeldShards(Shards.of(1).toProto()));
        assertThat(rig.disk).as("a read of shard 1 alone is under way").hasSize(1);

        stream.change(1, Shards.of(2), Shards.NONE);
        rig.diskIsQuick = true;
        rig.runDisk();
        stream.run();

        assertThat(stream.link.commits())
                .hasSize(20)
                .allSatisfy(commit -> assertThat(shards(commit)).containsExactlyInAnyOrder(1, 2));
    }

    @Test
    void shouldNotLoseWhatAChangeAddsBehindAReadThatHasArrived() {
        withoutRing();
        for (int i = 0; i < 100; i++) {
            commit(keyOf(1, i), keyOf(2, i));
        }
        FeedRig.Stream stream = rig.stream();
        stream.link.room = 2;
        stream.hello(FeedRig.hello().setHeldShards(Shards.of(1).toProto()));
        long had = indexes(stream).get(indexes(stream).size() - 1);

        stream.change(1, Shards.of(2), Shards.NONE);
        stream.link.room = Integer.MAX_VALUE;
        stream.run();

        assertThat(stream.link.commits())
                .filteredOn(commit -> commit.getIndex() > had)
                .isNotEmpty()
                .allSatisfy(commit -> assertThat(shards(commit)).containsExactlyInAnyOrder(1, 2));
    }

    @Test
    void shouldFeedFromALaterIndexWhereTheOneAskedForIsNoLongerKept() {
        commit(keyOf(1, 0));
        raiseHorizon();
        FeedRig.Stream stream = near();

        stream.change(ChangeSubscription.newBuilder()
                .setSubscriptionVersion(1)
                .setAdd(Shards.of(1).toProto())
                .setFromIndex(1));

        assertThat(stream.link.messages)
                .filteredOn(FeedResponse::hasSubscriptionChanged)
                .singleElement()
                .satisfies(
                        message -> assertThat(message.getSubscriptionChanged().getFromIndex())
                                .isEqualTo(rig.store().horizon() + 1));
    }

    @Test
    void shouldSendNothingOfAShardBelowTheIndexOfANewerCopy() {
        commit(keyOf(1, 0));
        FeedRig.Stream stream = rig.stream()
                .hello(FeedRig.hello()
                        .setAppliedIndex(1)
                        .setHeldShards(Shards.of(1).toProto()));
        stream.change(ChangeSubscription.newBuilder()
                .setSubscriptionVersion(1)
                .setAdd(Shards.of(2).toProto())
                .setFromIndex(4));
        for (int i = 1; i < 6; i++) {
            commit(keyOf(1, i), keyOf(2, i));
        }
        stream.run();

        assertThat(stream.link.commits())
                .allSatisfy(commit -> assertThat(shards(commit))
                        .containsExactlyInAnyOrderElementsOf(commit.getIndex() < 4 ? List.of(1) : List.of(1, 2)));
        assertThat(indexes(stream)).containsExactly(2L, 3L, 4L, 5L, 6L);
    }

    @Test
    void shouldTakeVersionsOneByOne() {
        FeedRig.Stream stream = near();
        stream.change(1, Shards.of(1), Shards.NONE);
        stream.change(3, Shards.of(1), Shards.NONE);

        assertThat(stream.link.reason()).isEqualTo(ErrorReason.ERROR_REASON_INVALID_FIELD);
    }

    @Test
    void shouldRefuseShardsThatThereAreNot() {
        FeedRig.Stream stream = near();
        stream.change(1, Shards.of(FeedRig.SHARDS), Shards.NONE);

        assertThat(stream.link.reason()).isEqualTo(ErrorReason.ERROR_REASON_INVALID_FIELD);
    }

    @Test
    void shouldBoundTheChangesThatWait() {
        FeedRig.Stream stream = near(5);
        for (int i = 1; i <= 3; i++) {
            stream.change(i, Shards.of(i), Shards.NONE);
        }
        assertThat(stream.link.hasEnded()).isFalse();
        stream.change(4, Shards.of(4), Shards.NONE);

        assertThat(stream.link.reason()).isEqualTo(ErrorReason.ERROR_REASON_OVERLOADED);
    }

    // Probes.

    @Test
    void shouldAnswerAProbeBehindWhatItCovers() {
        FeedRig.Stream stream = near();
        stream.link.take();
        stream.link.room = 0;
        commit("a");
        stream.probe(1);
        commit("b");
        rig.confirm();
        commit("c");
        stream.run();
        stream.link.room = Integer.MAX_VALUE;
        stream.run();

        List<FeedResponse> messages = stream.link.messages;
        ProbeAnswer answer = stream.link.answers().get(0);
        assertThat(answer.getProof().getCoveredIndex()).isEqualTo(2);
        assertThat(answer.getProof().hasLeaderConfirmed()).isTrue();
        assertThat(answer.getTerm()).isEqualTo(7);
        assertThat(answer.getProbeId()).isEqualTo(1);
        int at = IntStream.range(0, messages.size())
                .filter(i -> messages.get(i).hasProbeAnswer())
                .findFirst()
                .orElseThrow();
        assertThat(messages.subList(0, at).stream()
                        .filter(FeedResponse::hasThrough)
                        .mapToLong(message -> message.getThrough().getThroughIndex())
                        .max()
                        .orElse(0))
                .isGreaterThanOrEqualTo(2);
    }

    /** Who is never quite up to date would look ever staler. */
    @Test
    void shouldProveWhileCommitsGoOnComing() {
        FeedRig.Stream stream = near();
        stream.link.take();
        stream.link.room = 0;
        commit("a");
        stream.probe(1);
        rig.confirm();
        stream.link.onSend = message -> commit("more");
        stream.link.room = 100;
        stream.run();

        List<FeedResponse> messages = stream.link.messages;
        assertThat(messages).hasSize(100);
        assertThat(messages.subList(0, 5)).anyMatch(FeedResponse::hasProbeAnswer);
    }

    @Test
    void shouldNotProveWhatItHasNotSent() {
        withoutRing();
        commit("a");
        commit("b");
        rig.diskIsQuick = false;
        FeedRig.Stream stream = near(0);
        stream.probe(1);
        rig.confirm();
        stream.run();

        assertThat(stream.link.answers()).isEmpty();

        rig.diskIsQuick = true;
        stream.run();
        rig.runDisk();
        stream.run();

        assertThat(stream.link.answers()).hasSize(1);
    }

    @Test
    void shouldConfirmAnewForEachProbe() {
        FeedRig.Stream stream = near();
        stream.probe(1);
        assertThat(rig.confirmations).hasSize(1);
        rig.confirm();
        stream.run();

        stream.probe(2);

        assertThat(rig.confirmations).as("nothing older proves anything for it").hasSize(1);
        assertThat(stream.link.answers()).hasSize(1);
    }

    @Test
    void shouldSayWhyNothingIsProven() {
        FeedRig.Stream stream = near();
        stream.probe(1);
        stream.probe(2);
        stream.probe(3);
        rig.confirmations
                .get(0)
                .completeExceptionally(ErrorStatus.of(ErrorReason.ERROR_REASON_NO_LEADER, "none")
                        .toException());
        rig.confirmations
                .get(1)
                .completeExceptionally(ErrorStatus.of(ErrorReason.ERROR_REASON_STOPPING, "stopping")
                        .toException());
        stream.run();
        rig.time.pass(FeedRig.PROBE_MAX.plusSeconds(1));
        stream.run();
        // Too late: it has been answered.
        rig.confirmations.get(2).complete(new ReadIndex(0, 7));
        stream.run();

        assertThat(stream.link.answers().stream().map(ProbeAnswer::getFailure))
                .containsExactly(
                        ProbeFailure.PROBE_FAILURE_NO_LEADER,
                        ProbeFailure.PROBE_FAILURE_STOPPING,
                        ProbeFailure.PROBE_FAILURE_TIMED_OUT);
        assertThat(rig.confirmations.get(2)).isCancelled();
    }

    @Test
    void shouldProveNothingForAReachThatItDoesNotKnow() {
        FeedRig.Stream stream = near();
        stream.send(FeedRequest.newBuilder()
                .setProbe(FeedProbe.newBuilder().setProbeId(1).setReachValue(99)));

        assertThat(stream.link.answers().get(0).hasFailure()).isTrue();
        assertThat(rig.confirmations).isEmpty();
        assertThat(stream.link.hasEnded()).isFalse();
    }

    @Test
    void shouldBoundTheProbesThatWait() {
        FeedRig.Stream stream = near();
        for (int i = 0; i < 10; i++) {
            stream.probe(i);
        }

        assertThat(rig.confirmations.stream().filter(one -> !one.isDone())).hasSize(4);
        rig.confirm();
        stream.run();
        assertThat(stream.link.answers().stream().map(ProbeAnswer::getProbeId)).containsExactly(6L, 7L, 8L, 9L);
    }

    // Digests, topology, heartbeats.

    @Test
    void shouldGiveItsDigestsOnceTheStreamHasPassedThem() throws InvalidProtocolBufferException {
        commit("a");
        rig.store().keepDigests();
        FeedRig.Stream stream = near(0);

        List<FeedResponse> messages = stream.link.messages;
        FeedResponse last = messages.get(messages.size() - 1);
        assertThat(last.getDigests().getIndex()).isEqualTo(1);
        assertThat(last.getDigests().getDigestVersion()).isEqualTo(RowHasher.VERSION);
        assertThat(last.getDigests().getDigestsList()).hasSize(FeedRig.SHARDS);
        assertThat(last.getDigests().getDigests(shardOf("a")).getDigest())
                .isEqualTo(rig.store().digests().shard(shardOf("a")).toBytes());
        stream.link.take();
        rig.time.pass(SILENCE_AND_MORE);
        stream.run();
        assertThat(stream.link.messages).noneMatch(FeedResponse::hasDigests);
    }

    @Test
    void shouldNotGiveDigestsOfWhatTheStreamHasNotReached() {
        FeedRig.Stream stream = near();
        stream.link.take();
        stream.link.room = 1;
        commit("a");
        rig.store().keepDigests();
        stream.run();
        rig.store().keepDigests();

        assertThat(stream.link.messages).noneMatch(FeedResponse::hasDigests);
    }

    @Test
    void shouldTellOfTheTopologyAtFirstAndWhenItChanges() {
        rig.topology = FeedRig.topology(1);
        FeedRig.Stream stream = near();
        assertThat(stream.link.messages.get(1).getTopology().getTopology()).isEqualTo(rig.topology);
        stream.link.take();

        rig.topology = FeedRig.topology(2);
        stream.session.topologyChanged();
        stream.run();
        assertThat(stream.link.messages).as("so soon").isEmpty();
        rig.topology = FeedRig.topology(3);
        stream.session.topologyChanged();
        rig.time.pass(Duration.ofMillis(600));
        stream.run();

        assertThat(stream.link.messages)
                .singleElement()
                .satisfies(message ->
                        assertThat(message.getTopology().getTopology()).isEqualTo(FeedRig.topology(3)));
    }

    @Test
    void shouldPassHeartbeatsOn() {
        FeedRig.Stream stream = near();
        SubscriberHeartbeat heartbeat =
                SubscriberHeartbeat.newBuilder().setAppliedIndex(5).build();
        stream.send(FeedRequest.newBuilder().setHeartbeat(heartbeat));
        stream.probe(1);

        assertThat(stream.heartbeats).containsExactly(heartbeat);
        assertThat(stream.heard).isEqualTo(2);
    }

    // Flow control.

    @Test
    void shouldSendNoMoreThanCreditAllowsAndOneMessage() {
        FeedRig.Stream stream = rig.stream();
        long[] balance = {2_000};
        stream.link.onSend = message -> {
            assertThat(balance[0]).as("credit before %s", message).isPositive();
            balance[0] -= message.getSerializedSize();
            assertThat((long) message.getSerializedSize()).isLessThanOrEqualTo(2L * MESSAGE_BYTES);
        };
        for (int i = 0; i < 200; i++) {
            commit("a" + i);
        }
        stream.hello(FeedRig.hello().setInitialCreditBytes(2_000));
        assertThat(balance[0]).isNotPositive();
        assertThat(rig.counts.creditStalls()).isEqualTo(1);
        long had = stream.link.commits().size();

        balance[0] += 3_000;
        stream.grant(3_000);
        assertThat(stream.link.commits()).hasSizeGreaterThan((int) had);

        while (stream.link.commits().size() < 200) {
            balance[0] += 1_000;
            stream.grant(1_000);
        }
        assertThat(indexes(stream)).isSorted().doesNotHaveDuplicates();
    }

    @Test
    void shouldHoldNothingForWhoTakesNothing() {
        rig.close();
        rig = new FeedRig(20_000, MESSAGE_BYTES);
        FeedRig.Stream slow = near();
        FeedRig.Stream quick = near();
        slow.link.room = 0;
        for (int i = 0; i < 200; i++) {
            commit("a" + i);
            slow.run();
            quick.run();
        }
        assertThat(quick.link.commits()).hasSize(200);
        assertThat(quick.session.mode()).isEqualTo(FeedMode.NEAR);
        assertThat(rig.counts.diskReads()).isZero();

        slow.link.room = 10;
        slow.run();
        assertThat(slow.session.mode()).isEqualTo(FeedMode.BEHIND);
        assertThat(rig.disk).isEmpty();
        slow.link.room = Integer.MAX_VALUE;
        slow.run();

        assertThat(indexes(slow)).isEqualTo(indexes(quick));
        assertThat(rig.counts.diskReads()).isPositive();
        assertThat(slow.session.mode()).as("it is near again").isEqualTo(FeedMode.NEAR);
    }

    @Test
    void shouldReadFromDiskOnceAtATime() {
        withoutRing();
        for (int i = 0; i < 20; i++) {
            commit("a" + i);
        }
        rig.diskIsQuick = false;
        FeedRig.Stream stream = near(0);
        for (int i = 1; i < 4; i++) {
            stream.change(i, Shards.of(i), Shards.NONE);
            stream.run();
        }

        assertThat(rig.disk).hasSize(1);
    }

    @Test
    void shouldCutOffWhoTakesNothingForLong() {
        FeedRig.Stream full = near();
        FeedRig.Stream broke = rig.stream().hello(FeedRig.hello().setInitialCreditBytes(1));
        full.link.room = 0;
        commit("a");
        full.run();
        broke.run();
        rig.time.pass(FeedRig.STALL.minusSeconds(2));
        full.run();
        broke.run();
        assertThat(full.link.hasEnded()).isFalse();
        assertThat(broke.link.hasEnded()).isFalse();

        rig.time.pass(Duration.ofSeconds(4));
        full.run();
        broke.run();

        assertThat(full.link.reason()).isEqualTo(ErrorReason.ERROR_REASON_OVERLOADED);
        assertThat(broke.link.reason()).isEqualTo(ErrorReason.ERROR_REASON_OVERLOADED);
        assertThat(rig.counts.ended(End.TOO_SLOW)).isEqualTo(2);
        assertThat(rig.time.pendingCalls()).isZero();
    }

    @Test
    void shouldEndWithTheHorizonWhereWhatComesNextIsGone() {
        commit("a");
        FeedRig.Stream stream = near();
        stream.link.room = 0;
        commit("b");
        raiseHorizon();
        stream.link.room = 10;
        stream.run();

        assertThat(stream.link.reason()).isEqualTo(ErrorReason.ERROR_REASON_HORIZON_PASSED);
        HorizonPassed detail = stream.link.status().detail(HorizonPassed.class).orElseThrow();
        assertThat(detail.getAskedIndex()).isEqualTo(1);
        assertThat(detail.getServerHorizon()).isEqualTo(rig.store().horizon());
        assertThat(rig.counts.ended(End.HORIZON_PASSED)).isEqualTo(1);
    }

    // The end.

    @Test
    void shouldSayGoodbyeWhateverCreditThereIs() {
        rig.topology = FeedRig.topology(1);
        FeedRig.Stream stream = near();
        stream.probe(1);
        stream.link.take();

        stream.session.goodbye(FeedGoodbyeReason.FEED_GOODBYE_REASON_STOPPING);

        assertThat(stream.link.answers().get(0).getFailure()).isEqualTo(ProbeFailure.PROBE_FAILURE_STOPPING);
        FeedResponse last = stream.link.messages.get(stream.link.messages.size() - 1);
        assertThat(last.getGoodbye().getReason()).isEqualTo(FeedGoodbyeReason.FEED_GOODBYE_REASON_STOPPING);
        assertThat(last.getGoodbye().getOtherUpstreamsList()).containsExactly("two:7401");
        assertThat(stream.link.completed).isTrue();
        assertThat(stream.ended).isEqualTo(1);
        assertThat(rig.time.pendingCalls()).isZero();
        assertThat(rig.confirmations).allMatch(CompletableFuture::isCancelled);
    }

    @Test
    void shouldNotSayGoodbyeBeforeTheWelcome() {
        FeedRig.Stream stream = rig.stream();
        stream.session.goodbye(FeedGoodbyeReason.FEED_GOODBYE_REASON_STORE_REPLACED);

        assertThat(stream.link.messages).isEmpty();
        assertThat(stream.link.reason()).isEqualTo(ErrorReason.ERROR_REASON_STOPPING);
    }

    @Test
    void shouldEndWhenTheSubscriberLeaves() {
        FeedRig.Stream stream = near();
        stream.session.left();
        commit("a");
        stream.run();

        assertThat(stream.link.completed).isTrue();
        assertThat(stream.link.commits()).isEmpty();
        assertThat(rig.counts.ended(End.LEFT)).isEqualTo(1);
    }

    @Test
    void shouldSayRowsThatWereDeleted() throws Exception {
        FeedRig.Stream stream = near();
        commit("a");
        rig.rig.commit(delete("t", "a"));
        stream.run();

        Effects effects =
                Effects.parseFrom(stream.link.commits().get(1).getShards(0).getEffects());
        assertThat(effects.getEffects(0).hasTombstone()).isTrue();
    }
}
