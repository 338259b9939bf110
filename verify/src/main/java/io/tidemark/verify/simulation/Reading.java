// SPDX-License-Identifier: Apache-2.0
package io.tidemark.verify.simulation;

import io.grpc.StatusRuntimeException;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.tidemark.api.ErrorStatus;
import io.tidemark.proto.v1.ErrorReason;
import io.tidemark.proto.v1.GetRequest;
import io.tidemark.proto.v1.GetResponse;
import io.tidemark.server.call.Answerer;
import io.tidemark.server.call.Headers;
import io.tidemark.server.call.Workers;
import io.tidemark.server.read.StorePlace;
import io.tidemark.server.service.KeyValueService;
import io.tidemark.server.service.RequestLimits;
import io.tidemark.server.time.Timers;
import java.util.Set;
import java.util.function.Consumer;

/** The read service of one simulated server, with somebody who looks at each answer before it leaves. */
final class Reading {

    /** Nothing that is read here takes so long as to need them: they never begin a thread. */
    private static final Workers NO_WORKERS = new Workers("none", 1, 1);

    private static final Set<ErrorReason> ELSEWHERE =
            Set.of(ErrorReason.ERROR_REASON_SHARD_UNAVAILABLE, ErrorReason.ERROR_REASON_HORIZON_PASSED);

    /** What only a bug answers. */
    private static final Set<ErrorReason> UNEXPECTED =
            Set.of(ErrorReason.ERROR_REASON_UNSPECIFIED, ErrorReason.ERROR_REASON_INTERNAL);

    private final String server;
    private final Truth truth;
    private final World world;
    private final KeyValueService service;

    Reading(World world, Truth truth, StorePlace place, Answerer answerer, Timers timers) {
        this.world = world;
        this.truth = truth;
        this.server = answerer.serverId();
        this.service = new KeyValueService(
                place,
                new Headers(answerer),
                RequestLimits.defaults(),
                NO_WORKERS,
                timers,
                new NoWrites(),
                (request, caller) -> caller.onCompleted());
    }

    /**
     * Answers here.
     *
     * @param elsewhere what to do if it turns out that another server must answer
     */
    void get(GetRequest request, StreamObserver<GetResponse> caller, Consumer<StatusRuntimeException> elsewhere) {
        service.get(request, new Watched(request, (ServerCallStreamObserver<GetResponse>) caller, elsewhere));
    }

    /** An answer was made otherwise. */
    void answered(GetRequest request, long arrived, GetResponse answer) {
        truth.answered(server, request.getKey(), Truth.Ask.of(request.getReadOptions()), arrived, answer);
    }

    private final class Watched implements StreamObserver<GetResponse> {
        private final GetRequest request;
        private final ServerCallStreamObserver<GetResponse> caller;
        private final Consumer<StatusRuntimeException> elsewhere;
        private final long arrived = world.nanos();

        Watched(
                GetRequest request,
                ServerCallStreamObserver<GetResponse> caller,
                Consumer<StatusRuntimeException> elsewhere) {
            this.request = request;
            this.caller = caller;
            this.elsewhere = elsewhere;
        }

        @Override
        public void onNext(GetResponse answer) {
            answered(request, arrived, answer);
            caller.onNext(answer);
        }

        @Override
        public void onCompleted() {
            caller.onCompleted();
        }

        @Override
        public void onError(Throwable failure) {
            ErrorReason reason =
                    ErrorStatus.from(failure).map(ErrorStatus::reason).orElse(ErrorReason.ERROR_REASON_UNSPECIFIED);
            if (UNEXPECTED.contains(reason)) {
                world.violation("server " + server + ", row " + request.getKey() + ": " + failure);
            }
            if (ELSEWHERE.contains(reason) && failure instanceof StatusRuntimeException error) {
                elsewhere.accept(error);
            } else {
                caller.onError(failure);
            }
        }
    }
}
