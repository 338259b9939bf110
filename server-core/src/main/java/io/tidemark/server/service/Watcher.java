// SPDX-License-Identifier: Apache-2.0
package io.tidemark.server.service;

import io.grpc.stub.StreamObserver;
import io.tidemark.proto.v1.WatchRequest;
import io.tidemark.proto.v1.WatchResponse;

/** Serves watches. */
public interface Watcher {

    /**
     * Begins one, of a request in which everything is known. Called on the thread that received the call, with its gRPC context, so
     * it must not block. What it throws ends the watch as its error.
     */
    void watch(WatchRequest request, StreamObserver<WatchResponse> caller);
}
