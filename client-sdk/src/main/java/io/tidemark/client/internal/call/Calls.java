// SPDX-License-Identifier: Apache-2.0
package io.tidemark.client.internal.call;

import io.tidemark.client.Consistency;
import io.tidemark.client.Failure;
import io.tidemark.client.HistoryChangedException;
import io.tidemark.client.OutcomeUnknownException;
import io.tidemark.client.ReadOptions;
import io.tidemark.client.internal.dispatch.Answer;
import io.tidemark.client.internal.dispatch.CallContext;
import io.tidemark.client.internal.dispatch.Dispatcher;
import io.tidemark.client.internal.dispatch.ReadAsk;
import io.tidemark.client.internal.dispatch.Target;
import io.tidemark.client.internal.session.Seen;
import io.tidemark.client.internal.stream.StreamServices;
import io.tidemark.client.internal.wire.Asks;
import io.tidemark.proto.v1.ClusterGrpc;
import io.tidemark.proto.v1.CommitOutcome;
import io.tidemark.proto.v1.CommitResponse;
import io.tidemark.proto.v1.GetTopologyRequest;
import io.tidemark.proto.v1.ResponseHeader;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/**
 * Makes calls of a client: gives each its deadline, asks for what its session needs, and tells its session what came. For any thread.
 */
public final class Calls {

    private final Dispatcher dispatcher;
    private final Executor executor;
    private final StreamServices streams;
    private final Moment.Clock clock;
    private final Duration deadline;
    private final Consistency consistency;
    private final boolean hedged;
    private final @Nullable Observations observations;

    /**
     * @param executor where users' code runs: codecs, and whatever hangs on futures; what it does not take runs on {@link Callbacks#pool}
     * @param deadline of calls that have none of their own
     * @param consistency of reads that have none of their own
     * @param hedged whether reads are that do not say
     * @param observations who hears of it; null: nobody
     */
    public Calls(
            Dispatcher dispatcher,
            Executor executor,
            Moment.Clock clock,
            Duration deadline,
            Consistency consistency,
            boolean hedged,
            @Nullable Observations observations) {
        this.dispatcher = dispatcher;
        this.executor = Callbacks.orPool(executor);
        this.streams =
                new StreamServices(dispatcher, () -> ThreadLocalRandom.current().nextDouble());
        this.clock = clock;
        this.deadline = deadline;
        this.consistency = consistency;
        this.hedged = hedged;
        this.observations = observations;
    }

    public Dispatcher dispatcher() {
        return dispatcher;
    }

    /** What scans and watches share. */
    public StreamServices streams() {
        return streams;
    }

    /** Where users' code runs. */
    public Executor executor() {
        return executor;
    }

    public Moment.Clock clock() {
        return clock;
    }

    /** What a read asks for that does not say. */
    public Consistency consistency() {
        return consistency;
    }

    /** Of a call that begins now. */
    public CallContext context(String method, @Nullable Duration ownDeadline, boolean mayBeHedged) {
        Duration limit = ownDeadline == null ? deadline : ownDeadline;
        return new CallContext(method, dispatcher.nanoTime() + saturatedNanos(limit), mayBeHedged);
    }

    /** A read begins. */
    public Begun begin(String method, Consistency asked, ReadOptions options) {
        CallContext context = context(
                method, options.deadline().orElse(null), options.hedged().orElse(hedged));
        return new Begun(context, Asks.label(asked), clock, observations);
    }

    /** Any other call begins. */
    public Begun begin(String method, @Nullable Duration ownDeadline) {
        return new Begun(context(method, ownDeadline, false), "none", clock, observations);
    }

    /**
     * Sends a read with what its session asks for.
     *
     * @param seen what its session has seen
     */
    public <A> CompletableFuture<Answer<A>> read(
            Begun begun,
            Consistency asked,
            ReadOptions options,
            Seen seen,
            BiFunction<ReadAsk, CallContext, CompletableFuture<Answer<A>>> send) {
        // The history after the index: an index never comes without its history.
        long index = seen.index();
        String historyId = seen.historyId();
        CallContext context = begun.context();
        if (historyId.isEmpty() && Asks.needsHistory(asked)) {
            return Stages.then(
                    presentHistory(context), present -> send.apply(Asks.ask(asked, options, present, 0), context));
        }
        return begun.handOver(() -> send.apply(Asks.ask(asked, options, historyId, index), context));
    }

    /** What a read asks for that begins now, where it is sent by other means than {@link #read}. */
    public CompletableFuture<ReadAsk> ask(
            CallContext context, Consistency consistency, ReadOptions options, Seen seen) {
        long index = seen.index();
        String historyId = seen.historyId();
        if (historyId.isEmpty() && Asks.needsHistory(consistency)) {
            return Stages.map(presentHistory(context), present -> Asks.ask(consistency, options, present, 0));
        }
        return CompletableFuture.completedFuture(Asks.ask(consistency, options, historyId, index));
    }

    /** What an answer that just came says of itself, after the session was told. */
    public AnsweredHeader header(Answer<?> answer, ResponseHeader proto, long index, Seen seen, Begun begun) {
        AnsweredHeader header = AnsweredHeader.of(answer, proto, index, begun.moment(), clock);
        saw(seen, proto.getHistoryId(), index);
        return header;
    }

    /**
     * The same of a write that happened. A session that has come to another history meanwhile is told so by its next call: this one did
     * not fail.
     */
    public AnsweredHeader wrote(Answer<?> answer, ResponseHeader proto, long index, Seen seen, Begun begun) {
        boolean unused = seen.add(proto.getHistoryId(), index);
        return AnsweredHeader.of(answer, proto, index, begun.moment(), clock);
    }

    /**
     * The same of a commit: as of its index, or if it was refused as of what it was judged at.
     *
     * @throws OutcomeUnknownException if it does not say which
     */
    public AnsweredHeader header(Answer<CommitResponse> answer, Seen seen, Begun begun) {
        CommitResponse response = answer.message();
        boolean committed = response.getOutcome() == CommitOutcome.COMMIT_OUTCOME_COMMITTED;
        if (!committed && response.getOutcome() != CommitOutcome.COMMIT_OUTCOME_CONDITION_FAILED) {
            throw new OutcomeUnknownException(
                    new Failure(
                            "commit: the server answered with an outcome that this version does not know, so it may have"
                                    + " happened; use a newer client",
                            "OUTCOME_UNKNOWN"),
                    null,
                    null,
                    null);
        }
        return committed
                ? wrote(answer, response.getHeader(), response.getIndex(), seen, begun)
                : header(answer, response.getHeader(), response.getEvaluatedIndex(), seen, begun);
    }

    /** Tells a session what was seen. */
    public static void saw(Seen seen, String historyId, long index) {
        if (!seen.add(historyId, index)) {
            throw new HistoryChangedException(
                    new Failure(
                            "history: the session has seen " + seen.historyId() + ", and the cluster is in " + historyId
                                    + ": it was restored or recovered. Forget what was read before, then Session.reset()"
                                    + " and read anew",
                            "HISTORY_CHANGED",
                            Map.of("asked_history_id", seen.historyId(), "actual_history_id", historyId),
                            List.of()),
                    null,
                    seen.historyId(),
                    historyId);
        }
    }

    private CompletableFuture<String> presentHistory(CallContext context) {
        return Stages.map(
                dispatcher.call(
                        ClusterGrpc.getGetTopologyMethod(),
                        GetTopologyRequest.getDefaultInstance(),
                        new Target.Anyone(),
                        context),
                answer -> answer.message().getHeader().getHistoryId());
    }

    /** A deadline of centuries is as good as the longest that a clock can count. */
    private static long saturatedNanos(Duration duration) {
        Duration longest = Duration.ofDays(365L * 100);
        return (duration.compareTo(longest) > 0 ? longest : duration).toNanos();
    }
}
