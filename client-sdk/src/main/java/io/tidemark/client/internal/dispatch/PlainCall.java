// SPDX-License-Identifier: Apache-2.0
package io.tidemark.client.internal.dispatch;

import io.grpc.MethodDescriptor;
import io.tidemark.client.internal.routing.Server;
import io.tidemark.proto.v1.ScanRequest;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A call that may be sent again without harm, as it is. */
final class PlainCall<Q, A> extends Call<A> {

    private final MethodDescriptor<Q, A> method;
    private final Q request;
    private final Target target;

    PlainCall(Parts parts, CallContext context, MethodDescriptor<Q, A> method, Q request, Target target) {
        super(parts, context);
        this.method = method;
        this.request = request;
        this.target = target;
    }

    @Override
    @Nullable Server choose(List<Server> tried, long nowNanos) {
        return choose(target, 0, tried, nowNanos);
    }

    @Override
    Try attempt(Server server, long waitNanosMax) {
        return new UnaryTry<>(this, method, hurried(waitNanosMax), server, answer -> answer);
    }

    @SuppressWarnings("unchecked") // It is of the type that it was of.
    private Q hurried(long waitNanosMax) {
        return waitNanosMax > 0 && request instanceof ScanRequest page
                ? (Q) ReadAsks.hurried(page, waitNanosMax)
                : request;
    }

    @Override
    boolean mayTakeLong() {
        return true;
    }

    @Override
    long attemptLimitNanos() {
        return (target instanceof Target.Leader ? parts.options.writeAttemptLimit() : parts.options.readAttemptLimit())
                .toNanos();
    }
}
