// SPDX-License-Identifier: Apache-2.0
package io.tidemark.node.confirm;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.node.consensus.Membership;
import io.tidemark.proto.v1.ConfirmTermRequest;
import io.tidemark.proto.v1.ConfirmTermResponse;
import io.tidemark.proto.v1.TermVerdict;
import io.tidemark.server.time.Moment;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class TermAnswersTest {

    private final FakeRaft raft = new FakeRaft().following("n1");
    private final TermAnswers answers =
            new TermAnswers(LeaderRoundsTest.identity("n2"), raft, () -> new Moment(7, 3_000_000_009L));
    private final ConfirmTermRequest question = ConfirmTermRequest.newBuilder()
            .setClusterId("c")
            .setHistoryId(LeaderRoundsTest.HISTORY.text())
            .setLeaderId("n1")
            .setTerm(5)
            .setRoundId(42)
            .build();

    private TermVerdict verdict(ConfirmTermRequest request) {
        return answers.answer(request).getVerdict();
    }

    @Test
    void aFollowerConfirmsItsLeader() {
        ConfirmTermResponse answer = answers.answer(question);
        assertThat(answer.getVerdict()).isEqualTo(TermVerdict.TERM_VERDICT_CONFIRMED);
        assertThat(answer.getNodeId()).isEqualTo("n2");
        assertThat(answer.getHistoryId()).isEqualTo(LeaderRoundsTest.HISTORY.text());
        assertThat(answer.getRoundId()).isEqualTo(42);
        assertThat(answer.getTerm()).isEqualTo(5);
        assertThat(answer.getWallTime().getSeconds()).isEqualTo(3);
        assertThat(answer.getWallTime().getNanos()).isEqualTo(9);
    }

    @Test
    void unaskedItSaysTheSame() {
        assertThat(answers.unasked("n1")).hasValue(5);
        assertThat(answers.unasked("n3")).isEmpty();
        raft.term = 6;
        assertThat(answers.unasked("n1")).hasValue(6);
        raft.membership = FakeRaft.stable(20, "n1", "n3", "n4");
        assertThat(answers.unasked("n1")).isEmpty();
    }

    @Test
    void whoHasHeardOfALaterTermSaysSo() {
        raft.term = 6;
        ConfirmTermResponse answer = answers.answer(question);
        assertThat(answer.getVerdict()).isEqualTo(TermVerdict.TERM_VERDICT_REFUSED);
        assertThat(answer.getTerm()).isEqualTo(6);
    }

    @Test
    void anEarlierTermIsNotConfirmed() {
        raft.term = 4;
        assertThat(verdict(question)).isEqualTo(TermVerdict.TERM_VERDICT_REFUSED);
    }

    @Test
    void anotherLeaderOrNoneIsNotConfirmed() {
        raft.leader = "n3";
        assertThat(verdict(question)).isEqualTo(TermVerdict.TERM_VERDICT_REFUSED);
        raft.leader = null;
        assertThat(verdict(question)).isEqualTo(TermVerdict.TERM_VERDICT_REFUSED);
    }

    @Test
    void anotherClusterOrHistoryIsNotConfirmed() {
        assertThat(verdict(question.toBuilder().setClusterId("d").build())).isEqualTo(TermVerdict.TERM_VERDICT_REFUSED);
        assertThat(verdict(question.toBuilder().setHistoryId("fedcba9876543210").build()))
                .isEqualTo(TermVerdict.TERM_VERDICT_REFUSED);
    }

    @Test
    void aNodeWithoutAStoreHasNoHistoryAndConfirmsNothing() {
        TermAnswers joining =
                new TermAnswers(new Identity(() -> "c", "n2", Optional::empty), raft, () -> new Moment(1, 1));
        ConfirmTermResponse answer =
                joining.answer(question.toBuilder().clearHistoryId().build());
        assertThat(answer.getVerdict()).isEqualTo(TermVerdict.TERM_VERDICT_REFUSED);
        assertThat(answer.getHistoryId()).isEmpty();
    }

    @Test
    void aNodeThatWasRemovedConfirmsNothing() {
        raft.membership = FakeRaft.stable(20, "n1", "n3", "n4");
        assertThat(verdict(question)).isEqualTo(TermVerdict.TERM_VERDICT_REFUSED);
    }

    @Test
    void whileItIsBeingRemovedItStillVotes() {
        raft.membership = new Membership(20, FakeRaft.members("n1", "n3", "n4"), FakeRaft.members("n1", "n2", "n3"));
        assertThat(verdict(question)).isEqualTo(TermVerdict.TERM_VERDICT_CONFIRMED);
    }
}
