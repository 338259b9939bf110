// SPDX-License-Identifier: Apache-2.0
package io.tidemark.verify.simulation;

import com.google.protobuf.MessageLite;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.StreamObserver;
import io.tidemark.server.time.Timers;
import io.tidemark.verify.simulation.Connection.Callee;
import io.tidemark.verify.simulation.Links.Port;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** One request, one answer, over the network. */
final class Calls {

    /** What a process does with a request. */
    interface Method<S, Q, A> {
        void call(S process, Q request, StreamObserver<A> caller);
    }

    private Calls() {}

    /** Completes on the caller's lane; fails if there is no answer in time. */
    static <S extends Callee, Q extends MessageLite, A extends MessageLite> CompletableFuture<A> call(
            Links links,
            Machine.Lane from,
            Machine server,
            Supplier<@Nullable S> callee,
            Port port,
            Duration within,
            Q request,
            Method<S, Q, A> method) {
        CompletableFuture<A> answer = new CompletableFuture<>();
        Connection<Q, A> connection = Connection.<S, Q, A>open(
                links,
                from,
                server,
                callee,
                port,
                (process, call) -> new OneRequest<>(asked -> method.call(process, asked, call)),
                new Connection.Caller<>() {
                    @Override
                    public void received(A message) {
                        answer.complete(message);
                    }

                    @Override
                    public void ended(@Nullable StatusRuntimeException error) {
                        answer.completeExceptionally(error == null ? Status.UNKNOWN.asRuntimeException() : error);
                    }
                });
        connection.send(request);
        connection.request(1);
        Timers.Pending timeout = from.after(within, () -> {
            connection.leave();
            answer.completeExceptionally(Status.DEADLINE_EXCEEDED.asRuntimeException());
        });
        CompletableFuture<A> unused = answer.whenComplete((done, failure) -> timeout.cancel());
        return answer;
    }
}
