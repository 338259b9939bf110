// SPDX-License-Identifier: Apache-2.0
package io.tidemark.server.forward;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.tidemark.api.ErrorStatus;

/** How a forwarded call ended. */
public sealed interface ForwardOutcome<A> {

    /** The other server answered. */
    record Answered<A>(A answer) implements ForwardOutcome<A> {}

    /** The other server failed it, with an error of ours: the caller may be given it as it is. */
    record Refused<A>(ErrorStatus error) implements ForwardOutcome<A> {
        public StatusRuntimeException toException() {
            return error.toException();
        }
    }

    /** It certainly never reached a connection, so nothing of it was done. */
    record NotSent<A>(Status status) implements ForwardOutcome<A> {}

    /** Nothing is certain: of a write, the outcome is open. */
    record Lost<A>(Status status) implements ForwardOutcome<A> {}
}
