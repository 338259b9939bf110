// SPDX-License-Identifier: Apache-2.0
package io.tidemark.node.cluster;

import io.tidemark.node.consensus.ChangeOutcome;
import io.tidemark.node.consensus.Member;
import io.tidemark.proto.v1.GetStatusResponse;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Hands leadership to a node that answers: nothing is written while it is under way, so it is not tried with one that is silent. For
 * any thread.
 */
public final class HandOver {

    private final Group group;
    private final Inquiries inquiries;
    private final Duration within;

    /** @param within how long writes may be held up for it; about as long as an election takes */
    public HandOver(Group group, Inquiries inquiries, Duration within) {
        this.group = group;
        this.inquiries = inquiries;
        this.within = within;
    }

    /**
     * Hands over, on the leader.
     *
     * @param to null: whichever node is furthest
     * @return who leads then
     */
    public CompletableFuture<Member> to(@Nullable String to) {
        List<Member> candidates = group.membership().voters().stream()
                .filter(member -> to == null
                        ? !member.id().equals(group.selfId())
                        : member.id().equals(to))
                .toList();
        if (candidates.isEmpty()) {
            throw to == null ? ChangeErrors.isAlone(group.selfId()) : ChangeErrors.noSuchNode(to);
        }
        if (group.selfId().equals(to)) {
            return CompletableFuture.completedFuture(candidates.get(0));
        }
        Map<Member, Long> answered = new ConcurrentHashMap<>();
        CompletableFuture<?>[] asked = candidates.stream()
                .map(member -> inquiries
                        .status(member.internalAddress())
                        .thenAccept(status -> note(member, status, answered))
                        .exceptionally(silent -> null))
                .toArray(CompletableFuture<?>[]::new);
        return CompletableFuture.allOf(asked).thenCompose(all -> transfer(candidates, answered));
    }

    private static void note(Member member, GetStatusResponse status, Map<Member, Long> answered) {
        if (status.getServerId().equals(member.id())) {
            answered.put(member, status.getNode().getRaftCommitIndex());
        }
    }

    private CompletableFuture<Member> transfer(List<Member> candidates, Map<Member, Long> answered) {
        Member next = answered.entrySet().stream()
                .max(Map.Entry.<Member, Long>comparingByValue()
                        .thenComparing(Map.Entry.comparingByKey(Comparator.comparing(Member::id))))
                .map(Map.Entry::getKey)
                .orElseThrow(() -> ChangeErrors.nobodyAnswers(candidates));
        return group.transfer(next.id(), within).thenApply(outcome -> {
            if (!(outcome instanceof ChangeOutcome.Done)) {
                throw ChangeErrors.notTransferred(next.id(), outcome);
            }
            return next;
        });
    }
}
