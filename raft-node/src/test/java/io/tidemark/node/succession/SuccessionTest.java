// SPDX-License-Identifier: Apache-2.0
package io.tidemark.node.succession;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.node.confirm.RaftView;
import io.tidemark.node.consensus.LogEnd;
import io.tidemark.node.consensus.Member;
import io.tidemark.node.consensus.Membership;
import io.tidemark.node.consensus.Role;
import io.tidemark.proto.v1.AskLeaderGoneRequest;
import io.tidemark.proto.v1.AskLeaderGoneResponse;
import io.tidemark.proto.v1.LeaderVerdict;
import io.tidemark.server.time.ManualTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class SuccessionTest {

    private static final String LEADER = "n1";
    private static final Duration LONG = Duration.ofSeconds(10);

    private final ManualTime time = new ManualTime();
    private final Map<String, Follower> followers = new TreeMap<>();
    private final Set<String> unreachable = new HashSet<>();
    private final List<String> campaigns = new ArrayList<>();
    private Membership membership = new Membership(0, Set.of(), Set.of());

    /** A node that follows, as far as succession sees it. */
    private final class Follower implements RaftView, Vigil, Knocker, Campaign {
        private final String id;
        private final Succession succession;
        private final List<Knock> knocks = new ArrayList<>();
        private LogEnd log = new LogEnd(5, 100);
        private long unapplied;
        private Role role = Role.FOLLOWER;
        private long term = 5;
        private @Nullable String leader = LEADER;
        private Runnable lost = () -> {};

        Follower(String id) {
            this.id = id;
            this.succession = new Succession(() -> "c1", id, this, this, this, SuccessionTest.this::ask, this, time);
        }

        @Override
        public Role role() {
            return role;
        }

        @Override
        public long term() {
            return term;
        }

        @Override
        public boolean isReady() {
            return false;
        }

        @Override
        public long commitIndex() {
            return log.raftIndex();
        }

        @Override
        public Membership membership() {
            return membership;
        }

        @Override
        public Optional<Member> leader() {
            return Optional.ofNullable(leader).map(SuccessionTest::member);
        }

        @Override
        public void keep(Member over, Runnable whenLost) {
            lost = whenLost;
        }

        @Override
        public void end() {
            lost = () -> {};
        }

        /** What is left to be found, one after the other; the last stays. */
        @Override
        public CompletableFuture<Knock> knock(String address) {
            assertThat(address).isEqualTo(member(LEADER).raftAddress());
            return CompletableFuture.completedFuture(knocks.size() > 1 ? knocks.remove(0) : knocks.get(0));
        }

        @Override
        public LogEnd logEnd() {
            return log;
        }

        @Override
        public long unappliedEntries() {
            return unapplied;
        }

        @Override
        public void begin(Member gone) {
            assertThat(gone).isEqualTo(member(LEADER));
            campaigns.add(id);
        }

        Follower finding(Knock... found) {
            knocks.clear();
            knocks.addAll(Arrays.asList(found));
            return this;
        }
    }

    private static Member member(String id) {
        return new Member(id, id + ":7402", id + ":7401", id + ":7400");
    }

    private static Set<Member> members(String... ids) {
        return Stream.of(ids).map(SuccessionTest::member).collect(Collectors.toSet());
    }

    private CompletableFuture<AskLeaderGoneResponse> ask(Member to, AskLeaderGoneRequest request, Duration within) {
        assertThat(to.id()).isNotEqualTo(LEADER).isNotEqualTo(request.getNodeId());
        return unreachable.contains(to.id())
                ? CompletableFuture.failedFuture(new IllegalStateException("no answer"))
                : follower(to.id()).succession.answer(request);
    }

    private Follower follower(String id) {
        return Objects.requireNonNull(followers.get(id), id);
    }

    /** Of whom n1 leads, and the others find it gone. */
    private void group(String... ids) {
        membership = new Membership(0, members(ids), Set.of());
        for (String id : ids) {
            if (!id.equals(LEADER)) {
                Follower follower = new Follower(id).finding(Knock.REFUSED);
                followers.put(id, follower);
                follower.succession.leaderChanged();
            }
        }
    }

    private void lose(String... ids) {
        for (String id : ids) {
            follower(id).lost.run();
        }
        time.pass(LONG);
    }

    @Test
    void shouldCampaignAtOnceWhenAMajorityFindsTheLeaderGone() {
        group("n1", "n2", "n3");

        follower("n2").lost.run();

        assertThat(campaigns).containsExactly("n2");
        assertThat(time.pendingCalls()).isZero();
    }

    @Test
    void shouldLeaveItToTheOneOfTheLowestIdIfLogsAreEqual() {
        group("n1", "n2", "n3");

        lose("n3");
        assertThat(campaigns).isEmpty();

        lose("n2");
        assertThat(campaigns).containsExactly("n2");
    }

    @Test
    void shouldLeaveItToTheOneWhoseLogEndsFurther() {
        group("n1", "n2", "n3");
        follower("n3").log = new LogEnd(5, 101);

        lose("n2");
        assertThat(campaigns).isEmpty();
        lose("n3");
        assertThat(campaigns).containsExactly("n3");

        follower("n2").log = new LogEnd(6, 1);
        campaigns.clear();
        lose("n3");
        assertThat(campaigns).isEmpty();
        lose("n2");
        assertThat(campaigns).containsExactly("n2");
    }

    @Test
    void shouldLeaveItToTheOneThatHasAppliedItsLog() {
        group("n1", "n2", "n3");
        follower("n2").unapplied = Claim.FOLLOWS_CLOSELY_WITHIN + 1;

        lose("n2");
        assertThat(campaigns).isEmpty();

        lose("n3");
        assertThat(campaigns).containsExactly("n3");
    }

    @Test
    void shouldNotMindEntriesThatAreUnderWay() {
        group("n1", "n2", "n3");
        follower("n2").unapplied = Claim.FOLLOWS_CLOSELY_WITHIN;

        lose("n2", "n3");

        assertThat(campaigns).containsExactly("n2");
    }

    @Test
    void shouldCampaignWithALogThatEndsFurtherThoughItIsNotApplied() {
        group("n1", "n2", "n3");
        follower("n2").log = new LogEnd(5, 101);
        follower("n2").unapplied = 10_000;

        lose("n2", "n3");

        assertThat(campaigns).containsExactly("n2");
    }

    @Test
    void shouldAskAgainWhetherTheOtherClaimIsStillBetter() {
        group("n1", "n2", "n3");
        follower("n2").unapplied = 10_000;
        follower("n2").lost.run();
        assertThat(campaigns).isEmpty();

        follower("n2").unapplied = 0;
        time.pass(LONG);

        assertThat(campaigns).containsExactly("n2");
    }

    @Test
    void shouldDoNothingWhileTheLeaderIsThere() {
        group("n1", "n2", "n3");
        follower("n2").finding(Knock.ANSWERED);

        lose("n2");

        assertThat(campaigns).isEmpty();
    }

    @Test
    void shouldDoNothingWhileTheLeaderIsSilent() {
        group("n1", "n2", "n3");
        follower("n2").finding(Knock.SILENT);

        lose("n2");

        assertThat(campaigns).isEmpty();
    }

    @Test
    void shouldKnockAgainBecausePortsCloseOneAfterTheOther() {
        group("n1", "n2", "n3");
        follower("n2").finding(Knock.ANSWERED, Knock.ANSWERED, Knock.REFUSED);
        follower("n3").finding(Knock.ANSWERED, Knock.REFUSED);

        lose("n2");

        assertThat(campaigns).containsExactly("n2");
    }

    @Test
    void shouldDoNothingIfTheOthersCanReachTheLeader() {
        group("n1", "n2", "n3", "n4", "n5");
        follower("n3").finding(Knock.ANSWERED);
        follower("n4").finding(Knock.ANSWERED);
        follower("n5").finding(Knock.SILENT);

        lose("n2");

        assertThat(campaigns).isEmpty();
    }

    @Test
    void shouldNeedAMajorityOfAllVotersTheLeaderIncluded() {
        group("n1", "n2", "n3", "n4", "n5");
        unreachable.addAll(Set.of("n4", "n5"));

        lose("n2");
        assertThat(campaigns).isEmpty();

        unreachable.remove("n4");
        lose("n2");
        assertThat(campaigns).containsExactly("n2");
    }

    @Test
    void shouldNeedAMajorityOfBothSetsWhileTheyChange() {
        group("n1", "n2", "n3", "n4", "n5");
        membership = new Membership(9, members("n1", "n2", "n3"), members("n1", "n4", "n5"));
        unreachable.addAll(Set.of("n4", "n5"));

        lose("n2");
        assertThat(campaigns).isEmpty();

        unreachable.remove("n5");
        lose("n2");
        assertThat(campaigns).isEmpty();

        unreachable.clear();
        lose("n2");
        assertThat(campaigns).containsExactly("n2");
    }

    @Test
    void shouldNotCampaignWithoutAVote() {
        group("n1", "n2", "n3", "n4");
        membership = new Membership(9, members("n1", "n3", "n4"), Set.of());

        lose("n2");

        assertThat(campaigns).isEmpty();
    }

    @Test
    void shouldNotCountWhoFollowsAnotherLeaderAlready() {
        group("n1", "n2", "n3");
        follower("n3").term = 6;
        follower("n3").leader = "n3";

        lose("n2");

        assertThat(campaigns).isEmpty();
    }

    @Test
    void shouldStopWhenThereIsAnotherTerm() {
        group("n1", "n2", "n3");
        follower("n2").finding(Knock.ANSWERED, Knock.REFUSED);
        follower("n2").lost.run();
        follower("n2").term = 6;

        time.pass(LONG);

        assertThat(campaigns).isEmpty();
    }

    @Test
    void shouldNotCampaignWhereItIsACandidateAlready() {
        group("n1", "n2", "n3");
        follower("n2").role = Role.CANDIDATE;

        lose("n2");

        assertThat(campaigns).isEmpty();
    }

    @Test
    void shouldTryAgainTheNextTimeThatTheConnectionIsLost() {
        group("n1", "n2", "n3");
        unreachable.add("n3");
        lose("n2");
        assertThat(campaigns).isEmpty();

        unreachable.clear();
        lose("n2");

        assertThat(campaigns).containsExactly("n2");
    }

    @Test
    void shouldWatchNobodyWhileItLeads() {
        group("n1", "n2", "n3");
        Follower elected = follower("n2");
        elected.role = Role.LEADER;
        elected.leader = "n2";
        elected.term = 6;
        elected.succession.leaderChanged();

        lose("n2");

        assertThat(campaigns).isEmpty();
    }

    @Test
    void shouldTellAnotherClusterNothing() {
        group("n1", "n2", "n3");
        AskLeaderGoneRequest question = AskLeaderGoneRequest.newBuilder()
                .setClusterId("another")
                .setNodeId("n3")
                .setLeaderId(LEADER)
                .setTerm(5)
                .build();

        assertThat(follower("n2").succession.answer(question))
                .isCompletedWithValueMatching(answer -> answer.getVerdict() == LeaderVerdict.LEADER_VERDICT_NOT_GONE);
    }

    @Test
    void shouldHaveExactlyTheBestOfAMajorityCampaign() {
        for (int seed = 0; seed < 500; seed++) {
            Random random = new Random(seed);
            followers.clear();
            unreachable.clear();
            campaigns.clear();
            String[] ids = Stream.iterate(1, i -> i + 1)
                    .limit(3 + random.nextInt(3))
                    .map(i -> "n" + i)
                    .toArray(String[]::new);
            group(ids);
            List<Follower> refused = new ArrayList<>();
            for (Follower follower : followers.values()) {
                follower.log = new LogEnd(4 + random.nextInt(2), random.nextInt(3));
                follower.unapplied = random.nextBoolean() ? 0 : 10_000;
                Knock found = random.nextBoolean() ? Knock.ANSWERED : Knock.SILENT;
                follower.finding(random.nextBoolean() ? Knock.REFUSED : found);
                if (follower.knocks.get(0) == Knock.REFUSED) {
                    refused.add(follower);
                }
            }

            lose(followers.keySet().toArray(String[]::new));

            boolean isMajority = refused.size() > ids.length / 2;
            List<String> best = refused.stream()
                    .filter(one -> refused.stream().noneMatch(other -> isBetter(other, one)))
                    .map(one -> one.id)
                    .toList();
            // Whose claim is better may not have been asked before there was a majority, so others may campaign beside
            // it.
            assertThat(Set.copyOf(campaigns)).as("seed " + seed).isSubsetOf(ids(refused));
            if (isMajority) {
                assertThat(campaigns).as("seed " + seed).containsAll(best);
            } else {
                assertThat(campaigns).as("seed " + seed).isEmpty();
            }
        }
    }

    private static boolean isBetter(Follower a, Follower b) {
        if (!a.log.equals(b.log)) {
            return a.log.compareTo(b.log) > 0;
        }
        return a.unapplied == b.unapplied ? a.id.compareTo(b.id) < 0 : a.unapplied < b.unapplied;
    }

    private static Set<String> ids(List<Follower> of) {
        return of.stream().map(follower -> follower.id).collect(Collectors.toSet());
    }
}
