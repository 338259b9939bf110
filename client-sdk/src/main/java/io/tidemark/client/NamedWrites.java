// SPDX-License-Identifier: Apache-2.0
package io.tidemark.client;

import io.grpc.MethodDescriptor;
import io.tidemark.client.internal.call.Begun;
import io.tidemark.client.internal.call.Calls;
import io.tidemark.client.internal.call.Stages;
import io.tidemark.client.internal.dispatch.Answer;
import io.tidemark.client.internal.dispatch.Target;
import io.tidemark.client.internal.session.Seen;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;

/**
 * Writes that are no commits of rows: named here, so that the dispatcher can send them again like reads. It does not know them for writes,
 * so what leaves open whether they happened is told apart here.
 */
final class NamedWrites {

    private NamedWrites() {}

    /** With a request id in any case: without one it could not be sent again. */
    static WriteOptions named(WriteOptions options, Seen seen) {
        return options.requestId().isPresent()
                ? options
                : options.withRequestId(UUID.randomUUID().toString(), seen.index());
    }

    static <Q, A> CompletableFuture<Answer<A>> send(
            Calls calls,
            Begun begun,
            MethodDescriptor<Q, A> method,
            Q request,
            io.tidemark.proto.v1.WriteOptions named) {
        return Stages.thenEither(
                begun.handOver(() -> calls.dispatcher().call(method, request, new Target.Leader(), begun.context())),
                (came, failure) -> failure == null
                        ? CompletableFuture.completedFuture(came)
                        : CompletableFuture.failedFuture(judged(failure, named)));
    }

    /** Whatever ended it after it was sent leaves it open, but for what the replicated state judged. */
    private static Throwable judged(Throwable failure, io.tidemark.proto.v1.WriteOptions named) {
        boolean open = failure instanceof DeadlineExceededException
                || failure instanceof UnavailableException
                || failure instanceof OverloadedException
                || failure instanceof ClosedException;
        if (!open || ((TidemarkException) failure).attempts().isEmpty()) {
            return failure;
        }
        Failure known = ((TidemarkException) failure).failure();
        return new OutcomeUnknownException(
                new Failure(
                        known.message() + "; the write may have happened",
                        known.reason(),
                        known.metadata(),
                        known.attempts()),
                failure,
                named.getRequestId(),
                named.hasFirstSentIndex() ? (Long) named.getFirstSentIndex() : null);
    }
}
