// SPDX-License-Identifier: Apache-2.0
package io.tidemark.node.birth;

import io.grpc.stub.StreamObserver;
import io.tidemark.proto.v1.BirthGrpc;
import io.tidemark.proto.v1.ExchangeBirthRequest;
import io.tidemark.proto.v1.ExchangeBirthResponse;

/** What other nodes ask this one, on the internal port. */
final class BirthService extends BirthGrpc.BirthImplBase {

    private final Birth birth;

    BirthService(Birth birth) {
        this.birth = birth;
    }

    @Override
    public void exchangeBirth(ExchangeBirthRequest request, StreamObserver<ExchangeBirthResponse> observer) {
        observer.onNext(birth.answer(request));
        observer.onCompleted();
    }
}
