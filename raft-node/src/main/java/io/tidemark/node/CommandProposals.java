// SPDX-License-Identifier: Apache-2.0
package io.tidemark.node;

import io.tidemark.api.ErrorMetadata;
import io.tidemark.api.ErrorStatus;
import io.tidemark.node.registry.Proposals;
import io.tidemark.node.write.Submission;
import io.tidemark.node.write.SubmitOutcome;
import io.tidemark.node.write.Weight;
import io.tidemark.node.write.WritePath;
import io.tidemark.proto.v1.ErrorReason;
import io.tidemark.server.call.Calls;
import io.tidemark.server.time.Ticker;
import io.tidemark.store.proto.v1.Command;
import io.tidemark.store.transition.Outcome;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;

/** Commands that are nobody's write: they take the same path, and may be repeated, so they need no request id. */
record CommandProposals(WritePath path, Ticker ticker) implements Proposals {

    private static final Duration DEADLINE = Duration.ofSeconds(10);

    @Override
    public CompletableFuture<Outcome> propose(String what, Command command) {
        Duration left = Calls.untilDeadline();
        long deadline = ticker.now().monotonicNanos()
                + (left == null || left.compareTo(DEADLINE) > 0 ? DEADLINE : left).toNanos();
        Submission submission =
                new Submission(command.toByteString(), Weight.ofWritten(command.getSerializedSize()), deadline);
        path.submitOwn(submission);
        return submission.outcome().thenApply(outcome -> settled(what, outcome));
    }

    private static Outcome settled(String what, SubmitOutcome outcome) {
        if (outcome instanceof SubmitOutcome.Settled settled) {
            if (settled.result().outcome() instanceof Outcome.Refused refused) {
                throw refused.refusal().status().toException();
            }
            return settled.result().outcome();
        }
        boolean isOpen = outcome instanceof SubmitOutcome.Unknown;
        throw ErrorStatus.of(
                        reason(outcome),
                        what + " was " + (isOpen ? "perhaps" : "not") + " done: " + outcome
                                + ". To try again does no harm.")
                .with(ErrorMetadata.CAUSE, outcome)
                .toException();
    }

    private static ErrorReason reason(SubmitOutcome outcome) {
        if (outcome instanceof SubmitOutcome.Unknown) {
            return ErrorReason.ERROR_REASON_OUTCOME_UNKNOWN;
        }
        if (outcome instanceof SubmitOutcome.Overloaded) {
            return ErrorReason.ERROR_REASON_OVERLOADED;
        }
        if (outcome instanceof SubmitOutcome.StoreFull) {
            return ErrorReason.ERROR_REASON_STORE_FULL;
        }
        return outcome instanceof SubmitOutcome.Dropped
                ? ErrorReason.ERROR_REASON_DEADLINE_PASSED
                : ErrorReason.ERROR_REASON_NO_LEADER;
    }
}
