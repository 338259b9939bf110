// SPDX-License-Identifier: Apache-2.0
package io.tidemark.verify.simulation;

import io.grpc.stub.StreamObserver;
import java.util.function.Consumer;

/** A call of one request, as its server takes it: that the caller says no more, or has gone, the answering side sees by itself. */
record OneRequest<Q>(Consumer<Q> taken) implements StreamObserver<Q> {

    @Override
    public void onNext(Q asked) {
        taken.accept(asked);
    }

    @Override
    public void onError(Throwable failure) {
        // Nobody waits for the answer any more.
    }

    @Override
    public void onCompleted() {
        // Who asks waits for the answer.
    }
}
