// SPDX-License-Identifier: Apache-2.0
package io.tidemark.node.write;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.tidemark.node.consensus.ProposalOutcome;
import io.tidemark.store.proto.v1.Command;
import io.tidemark.store.proto.v1.Entry;
import io.tidemark.store.transition.Applied;
import io.tidemark.store.transition.CommandResult;
import io.tidemark.store.transition.Counters;
import io.tidemark.store.transition.Outcome;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** A log whose proposals end when and as the test says. What is done is remembered by the ids of its requests, in order. */
final class ScriptedLog implements Proposer {

    record Proposed(Entry entry, ByteString encoded, CompletableFuture<ProposalOutcome> outcome) {
        List<String> ids() {
            return entry.getCommandsList().stream().map(ScriptedLog::id).toList();
        }
    }

    final Deque<Proposed> underWay = new ArrayDeque<>();
    final List<String> proposed = new ArrayList<>();
    final List<String> applied = new ArrayList<>();
    final List<Proposed> all = new ArrayList<>();
    boolean refusing;

    static String id(Command command) {
        return command.hasWrite() ? command.getWrite().getIdentity().getRequestId() : "sweep";
    }

    @Override
    public CompletableFuture<ProposalOutcome> propose(ByteString entry) {
        if (refusing) {
            return CompletableFuture.completedFuture(new ProposalOutcome.NotLeader(null));
        }
        try {
            Proposed next = new Proposed(Entry.parseFrom(entry), entry, new CompletableFuture<>());
            underWay.add(next);
            all.add(next);
            proposed.addAll(next.ids());
            return next.outcome();
        } catch (InvalidProtocolBufferException e) {
            throw new IllegalStateException("not an entry", e);
        }
    }

    /** The oldest is applied: all its commands succeed with nothing done. */
    void applyNext() {
        Proposed next = underWay.remove();
        applied.addAll(next.ids());
        List<CommandResult> results = next.entry().getCommandsList().stream()
                .map(command -> new CommandResult(new Outcome.Nothing(), null, null))
                .toList();
        next.outcome().complete(new ProposalOutcome.Done(new Applied(results, Counters.EMPTY), 1));
    }

    /** The oldest ends without being applied, or after it was. */
    void endNext(ProposalOutcome outcome, boolean wasApplied) {
        Proposed next = underWay.remove();
        if (wasApplied) {
            applied.addAll(next.ids());
        }
        next.outcome().complete(outcome);
    }
}
