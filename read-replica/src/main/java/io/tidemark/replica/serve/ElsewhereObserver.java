// SPDX-License-Identifier: Apache-2.0
package io.tidemark.replica.serve;

import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.tidemark.api.ErrorStatus;
import io.tidemark.proto.v1.ErrorReason;
import io.tidemark.proto.v1.HorizonPassed;
import java.util.Optional;

/**
 * Who is answered by this server if it can, and by another one if it turns out only while reading that it cannot: a shard has left
 * meanwhile, or its history here does not reach as far back as the cluster's.
 */
final class ElsewhereObserver<A> extends ServerCallStreamObserver<A> {

    private final ServerCallStreamObserver<A> caller;
    private final Runnable elsewhere;

    private ElsewhereObserver(ServerCallStreamObserver<A> caller, Runnable elsewhere) {
        this.caller = caller;
        this.elsewhere = elsewhere;
    }

    static <A> StreamObserver<A> of(StreamObserver<A> caller, Runnable elsewhere) {
        return caller instanceof ServerCallStreamObserver<A> call ? new ElsewhereObserver<>(call, elsewhere) : caller;
    }

    @Override
    public void onError(Throwable failure) {
        if (ErrorStatus.from(failure).map(ElsewhereObserver::isElsewhere).orElse(false)) {
            elsewhere.run();
        } else {
            caller.onError(failure);
        }
    }

    private static boolean isElsewhere(ErrorStatus error) {
        if (error.reason() == ErrorReason.ERROR_REASON_SHARD_UNAVAILABLE) {
            return true;
        }
        Optional<HorizonPassed> passed = error.reason() == ErrorReason.ERROR_REASON_HORIZON_PASSED
                ? error.detail(HorizonPassed.class)
                : Optional.empty();
        return passed.isPresent()
                && passed.get().getAskedIndex() >= passed.get().getClusterHorizon();
    }

    @Override
    public void onNext(A answer) {
        caller.onNext(answer);
    }

    @Override
    public void onCompleted() {
        caller.onCompleted();
    }

    @Override
    public boolean isCancelled() {
        return caller.isCancelled();
    }

    @Override
    public void setOnCancelHandler(Runnable handler) {
        caller.setOnCancelHandler(handler);
    }

    @Override
    public void setCompression(String compression) {
        caller.setCompression(compression);
    }

    @Override
    public boolean isReady() {
        return caller.isReady();
    }

    @Override
    public void setOnReadyHandler(Runnable handler) {
        caller.setOnReadyHandler(handler);
    }

    @Override
    public void request(int count) {
        caller.request(count);
    }

    @Override
    public void setMessageCompression(boolean enable) {
        caller.setMessageCompression(enable);
    }

    @Override
    public void disableAutoInboundFlowControl() {
        caller.disableAutoInboundFlowControl();
    }
}
