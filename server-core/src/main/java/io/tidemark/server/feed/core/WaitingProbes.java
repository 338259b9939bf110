// SPDX-License-Identifier: Apache-2.0
package io.tidemark.server.feed.core;

import io.tidemark.api.ErrorStatus;
import io.tidemark.proto.v1.ErrorReason;
import io.tidemark.proto.v1.FeedProbe;
import io.tidemark.proto.v1.ProbeAnswer;
import io.tidemark.proto.v1.ProbeFailure;
import io.tidemark.proto.v1.ProbeProof;
import io.tidemark.proto.v1.ProbeReach;
import io.tidemark.server.call.Failures;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The probes of one subscriber that have no answer yet, a few at most. Leadership is confirmed for each after it arrived; a proof is given
 * out once the stream has passed what it covers. A node answers a probe that asks for its own last proof by a new one, which says
 * more. Of the thread of its session.
 */
final class WaitingProbes {

    private static final class Waiting {
        private final long id;
        private final long arrived;
        private @Nullable CompletableFuture<ReadIndex> confirmation;
        private @Nullable ReadIndex confirmed;
        private @Nullable ProbeFailure failure;

        Waiting(long id, long arrived) {
            this.id = id;
            this.arrived = arrived;
        }

        void fail(ProbeFailure why) {
            failure = why;
            leave();
        }

        void leave() {
            CompletableFuture<ReadIndex> waitedFor = confirmation;
            confirmation = null;
            if (waitedFor != null) {
                waitedFor.cancel(false);
            }
        }
    }

    private final Upstream upstream;
    private final Consumer<Runnable> inbox;
    private final List<Waiting> waiting = new ArrayList<>();
    private boolean stopping;

    /** @param inbox takes steps for the session's next turn */
    WaitingProbes(Upstream upstream, Consumer<Runnable> inbox) {
        this.upstream = upstream;
        this.inbox = inbox;
    }

    void asked(FeedProbe probe) {
        if (waiting.size() >= upstream.options().probesMax()) {
            waiting.remove(0).leave();
            upstream.counts().probeEnded(FeedCounts.ProbeEnd.DROPPED);
        }
        Waiting one = new Waiting(probe.getProbeId(), upstream.nanos());
        waiting.add(one);
        if (stopping) {
            one.fail(ProbeFailure.PROBE_FAILURE_STOPPING);
        } else if (probe.getReach() == ProbeReach.UNRECOGNIZED) {
            one.fail(ProbeFailure.PROBE_FAILURE_UNSPECIFIED);
        } else {
            confirm(one);
        }
    }

    private void confirm(Waiting one) {
        CompletableFuture<ReadIndex> confirmation;
        try {
            confirmation = upstream.readIndexes().confirm();
        } catch (RuntimeException e) {
            one.fail(failureOf(e));
            return;
        }
        one.confirmation = confirmation;
        CompletableFuture<ReadIndex> unused = confirmation.whenComplete((confirmed, why) -> {
            if (!confirmation.isCancelled()) {
                inbox.accept(() -> settle(one, confirmed, why));
            }
        });
    }

    private static void settle(Waiting one, @Nullable ReadIndex confirmed, @Nullable Throwable why) {
        one.confirmation = null;
        if (one.failure != null) {
            return;
        }
        if (confirmed == null || confirmed.index() < 0) {
            one.fail(why == null ? ProbeFailure.PROBE_FAILURE_UNSPECIFIED : failureOf(why));
        } else {
            one.confirmed = confirmed;
        }
    }

    private static ProbeFailure failureOf(Throwable why) {
        Throwable cause = Failures.unwrapped(why);
        ErrorReason reason =
                ErrorStatus.from(cause).map(ErrorStatus::reason).orElse(ErrorReason.ERROR_REASON_UNSPECIFIED);
        return switch (reason) {
            case ERROR_REASON_NO_LEADER, ERROR_REASON_NOT_LEADER -> ProbeFailure.PROBE_FAILURE_NO_LEADER;
            case ERROR_REASON_DEADLINE_PASSED -> ProbeFailure.PROBE_FAILURE_TIMED_OUT;
            case ERROR_REASON_STOPPING -> ProbeFailure.PROBE_FAILURE_STOPPING;
            default -> ProbeFailure.PROBE_FAILURE_UNSPECIFIED;
        };
    }

    /** Fails those that have waited for too long. */
    void timeOut() {
        long due = upstream.nanos() - upstream.options().probeMax().toNanos();
        for (Waiting one : waiting) {
            if (one.failure == null && one.arrived - due <= 0) {
                one.fail(ProbeFailure.PROBE_FAILURE_TIMED_OUT);
            }
        }
    }

    /** Fails all, and whatever comes later. */
    void stop() {
        stopping = true;
        waiting.forEach(one -> one.fail(ProbeFailure.PROBE_FAILURE_STOPPING));
    }

    /** The answer to the next that has failed; null: none has. */
    @Nullable ProbeAnswer nextFailure(long subscriptionVersion) {
        for (Iterator<Waiting> all = waiting.iterator(); all.hasNext(); ) {
            Waiting one = all.next();
            ProbeFailure failure = one.failure;
            if (failure != null) {
                all.remove();
                upstream.counts().probeEnded(FeedCounts.ProbeEnd.FAILED);
                return answer(one, subscriptionVersion).setFailure(failure).build();
            }
        }
        return null;
    }

    /**
     * The answer to the next that is proven for a stream that has come so far; null: none is.
     *
     * @param told everything at or below this has been sent, for the subscription of this version
     */
    @Nullable ProbeAnswer nextProof(long told, long subscriptionVersion) {
        for (Iterator<Waiting> all = waiting.iterator(); all.hasNext(); ) {
            Waiting one = all.next();
            ReadIndex confirmed = one.confirmed;
            if (one.failure == null && confirmed != null && confirmed.index() <= told) {
                all.remove();
                upstream.counts().probeEnded(FeedCounts.ProbeEnd.PROVEN);
                return answer(one, subscriptionVersion)
                        .setTerm(confirmed.term())
                        .setProof(ProbeProof.newBuilder()
                                .setCoveredIndex(confirmed.index())
                                .setLeaderConfirmed(ProbeProof.LeaderConfirmed.getDefaultInstance()))
                        .build();
            }
        }
        return null;
    }

    private static ProbeAnswer.Builder answer(Waiting one, long subscriptionVersion) {
        return ProbeAnswer.newBuilder().setProbeId(one.id).setSubscriptionVersion(subscriptionVersion);
    }

    /** Nobody waits any more. */
    void end() {
        for (Waiting one : waiting) {
            one.leave();
            upstream.counts().probeEnded(FeedCounts.ProbeEnd.DROPPED);
        }
        waiting.clear();
    }
}
