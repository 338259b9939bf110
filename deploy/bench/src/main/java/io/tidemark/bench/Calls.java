// SPDX-License-Identifier: Apache-2.0
package io.tidemark.bench;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Unary calls with nothing around them: one listener for each, no stub, no future. What the client costs is thereby the same
 * for every system, and small beside what the server costs.
 */
final class Calls {

    private final Channel channel;
    private final CallOptions options;
    private final @Nullable Duration timeout;

    /** Calls over the channel, each with the timeout; zero for none. */
    Calls(Channel channel, Duration timeout) {
        this.channel = channel;
        this.options = CallOptions.DEFAULT;
        this.timeout = timeout.isZero() ? null : timeout;
    }

    /** Calls the method; {@code present} is asked of the response on the channel's event loop. */
    <Q, A> void call(MethodDescriptor<Q, A> method, Q request, Predicate<A> present, Completion completion) {
        CallOptions callOptions =
                timeout == null ? options : options.withDeadlineAfter(timeout.toNanos(), TimeUnit.NANOSECONDS);
        ClientCall<Q, A> call = channel.newCall(method, callOptions);
        call.start(new Listener<>(present, completion), new Metadata());
        call.request(2);
        call.sendMessage(request);
        call.halfClose();
    }

    private static final class Listener<A> extends ClientCall.Listener<A> {
        private final Predicate<A> present;
        private final Completion completion;
        private @Nullable A response;

        Listener(Predicate<A> present, Completion completion) {
            this.present = present;
            this.completion = completion;
        }

        @Override
        public void onMessage(A message) {
            response = message;
        }

        @Override
        public void onClose(Status status, Metadata trailers) {
            if (!status.isOk()) {
                completion.failed(status.asRuntimeException(trailers));
            } else if (response == null) {
                completion.failed(Status.INTERNAL
                        .withDescription("answered without a message")
                        .asRuntimeException());
            } else {
                completion.answered(present.test(response));
            }
        }
    }
}
