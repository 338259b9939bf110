// SPDX-License-Identifier: Apache-2.0
package io.tidemark.node.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.api.ErrorStatus;
import io.tidemark.node.consensus.ChangeOutcome;
import io.tidemark.node.consensus.Member;
import io.tidemark.node.consensus.Membership;
import io.tidemark.proto.v1.ErrorReason;
import io.tidemark.proto.v1.GetStatusResponse;
import io.tidemark.proto.v1.Progress;
import io.tidemark.server.time.ManualTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class MembershipChangesTest {

    private static final Member N1 = FakeGroup.member("n1", 100);
    private static final Member N2 = FakeGroup.member("n2", 200);
    private static final Member N3 = FakeGroup.member("n3", 300);
    private static final Member N4 = FakeGroup.member("n4", 400);

    private final FakeGroup group = new FakeGroup("n1", N1, N2, N3);
    private final FakeInquiries inquiries = new FakeInquiries();
    private final ManualTime time = new ManualTime();
    private final List<Progress> progress = new ArrayList<>();
    private final MembershipChanges changes = new MembershipChanges(
            group,
            inquiries,
            () -> Optional.of(new ClusterFacts("c", FakeInquiries.HISTORY, 16)),
            "r1"::equals,
            () -> {},
            time);

    @BeforeEach
    void everybodyWorks() {
        group.leads = true;
        inquiries.statuses.put(N2.internalAddress(), FakeInquiries.status("n2", "", 0));
        inquiries.statuses.put(N3.internalAddress(), FakeInquiries.status("n3", "", 0));
        inquiries.statuses.put(N4.internalAddress(), FakeInquiries.status("n4", "", 0));
    }

    @Test
    void shouldAddANodeAndTellHowFarItIs() {
        CompletableFuture<Member> added = changes.add(N4, progress::add);
        assertThat(changes.joining()).containsExactly(N4);
        assertThat(group.changes.get(0).wanted()).containsExactlyInAnyOrder(N1, N2, N3, N4);
        time.pass(Duration.ofSeconds(1));
        assertThat(progress).anySatisfy(now -> assertThat(now.getTotal()).isEqualTo(100));
        int told = progress.size();

        group.changes.get(0).outcome().complete(new ChangeOutcome.Done());
        assertThat(added).isCompletedWithValue(N4);
        assertThat(changes.joining()).isEmpty();
        time.pass(Duration.ofSeconds(1));
        assertThat(progress).hasSize(told);
        assertThat(time.pendingCalls()).isZero();
    }

    @Test
    void shouldRefuseANodeThatIsThereOrHasAnAddressThatIsTaken() {
        assertFails(changes.add(FakeGroup.member("n3", 900), progress::add), ErrorReason.ERROR_REASON_MEMBER_EXISTS);
        assertFails(changes.add(FakeGroup.member("n5", 300), progress::add), ErrorReason.ERROR_REASON_MEMBER_EXISTS);
        assertThat(group.changes).isEmpty();
    }

    @Test
    void shouldRefuseANodeByTheIdOfAReplica() {
        Member named = FakeGroup.member("r1", 500);
        inquiries.statuses.put(named.internalAddress(), FakeInquiries.status("r1", "", 0));

        assertFails(changes.add(named, progress::add), ErrorReason.ERROR_REASON_MEMBER_EXISTS);

        assertThat(group.changes).isEmpty();
    }

    @Test
    void shouldRefuseANodeThatDoesNotAnswerOrIsAnother() {
        inquiries.statuses.clear();
        assertFails(changes.add(N4, progress::add), ErrorReason.ERROR_REASON_INVALID_FIELD);
        inquiries.statuses.put(N4.internalAddress(), FakeInquiries.status("n7", "", 0));
        assertFails(changes.add(N4, progress::add), ErrorReason.ERROR_REASON_INVALID_FIELD);
        assertThat(group.changes).isEmpty();
    }

    @Test
    void shouldRefuseANodeWithAStoreOfAnotherHistory() {
        GetStatusResponse.Builder waiting = FakeInquiries.status("n4", "", 0).toBuilder();
        waiting.getHeaderBuilder().setHistoryId("another123456789");
        inquiries.statuses.put(N4.internalAddress(), waiting.build());
        assertFails(changes.add(N4, progress::add), ErrorReason.ERROR_REASON_CLUSTER_MISMATCH);
        assertThat(group.changes).isEmpty();

        waiting.getHeaderBuilder().clearHistoryId();
        inquiries.statuses.put(N4.internalAddress(), waiting.build());
        assertThat(changes.add(N4, progress::add)).isNotDone();
        assertThat(group.changes).hasSize(1);
    }

    @Test
    void shouldRefuseToRemoveWhatTheMajorityNeeds() {
        inquiries.statuses.remove(N2.internalAddress());
        assertFails(changes.remove("n3", progress::add), ErrorReason.ERROR_REASON_WOULD_LOSE_MAJORITY);
        assertThat(group.changes).isEmpty();

        CompletableFuture<Void> removed = changes.remove("n2", progress::add);
        assertThat(group.changes.get(0).wanted()).containsExactlyInAnyOrder(N1, N3);
        group.changes.get(0).outcome().complete(new ChangeOutcome.Done());
        assertThat(removed).isCompleted();
    }

    @Test
    void shouldReplaceADeadNodeByOneChangeAfterTheOther() {
        inquiries.statuses.remove(N2.internalAddress());
        CompletableFuture<Member> replaced = changes.replace("n2", N4, progress::add);

        assertThat(group.changes).hasSize(1);
        assertThat(group.changes.get(0).wanted()).containsExactlyInAnyOrder(N1, N2, N3, N4);
        group.changes.get(0).outcome().complete(new ChangeOutcome.Done());
        assertThat(group.changes.get(1).wanted()).containsExactlyInAnyOrder(N1, N3, N4);
        assertThat(replaced).isNotDone();
        group.changes.get(1).outcome().complete(new ChangeOutcome.Done());
        assertThat(replaced).isCompletedWithValue(N4);
    }

    @Test
    void shouldMakeOneChangeAtATime() {
        CompletableFuture<Member> first = changes.add(N4, progress::add);
        assertThatThrownBy(() -> changes.remove("n3", progress::add))
                .satisfies(e -> assertThat(reason(e)).isEqualTo(ErrorReason.ERROR_REASON_OPERATION_IN_PROGRESS));

        group.changes.get(0).outcome().complete(new ChangeOutcome.Refused("it did not answer"));
        assertFails(first, ErrorReason.ERROR_REASON_OPERATION_IN_PROGRESS);
        CompletableFuture<Void> second = changes.remove("n3", progress::add);
        assertThat(second).isNotDone();
    }

    @Test
    void shouldLookHowAChangeEndedWhoseOutcomeIsNotKnown() {
        CompletableFuture<Void> removed = changes.remove("n3", progress::add);
        group.changes.get(0).outcome().complete(new ChangeOutcome.Unknown("the leader changed"));
        assertThat(removed).isNotDone();

        group.membership = new Membership(5, Set.of(N1, N2), Set.of());
        time.pass(Duration.ofSeconds(1));
        assertThat(removed).isCompleted();
    }

    @Test
    void shouldSayThatTheOutcomeIsNotKnownIfItStaysSo() {
        CompletableFuture<Void> removed = changes.remove("n3", progress::add);
        group.changes.get(0).outcome().complete(new ChangeOutcome.Unknown("the leader changed"));
        time.pass(Duration.ofMinutes(1));

        assertFails(removed, ErrorReason.ERROR_REASON_OUTCOME_UNKNOWN);
    }

    @Test
    void shouldLeaveItToTheLeader() {
        group.leads = false;
        assertFails(changes.add(N4, progress::add), ErrorReason.ERROR_REASON_NOT_LEADER);
    }

    private static void assertFails(CompletableFuture<?> change, ErrorReason reason) {
        assertThat(change).isCompletedExceptionally();
        assertThatThrownBy(change::join).satisfies(e -> assertThat(reason(e)).isEqualTo(reason));
    }

    private static ErrorReason reason(Throwable failure) {
        Throwable cause = failure;
        while (cause instanceof CompletionException wrapped && wrapped.getCause() != null) {
            cause = wrapped.getCause();
        }
        return ErrorStatus.from(cause).orElseThrow().reason();
    }
}
