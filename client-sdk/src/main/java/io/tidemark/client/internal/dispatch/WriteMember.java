// SPDX-License-Identifier: Apache-2.0
package io.tidemark.client.internal.dispatch;

import io.tidemark.proto.v1.CommitRequest;
import io.tidemark.proto.v1.CommitResponse;

/** A write that may travel with others. */
final class WriteMember extends Member<CommitResponse> {

    private static final int BYTES_BESIDE = 8;

    final CommitRequest request;
    private final WriteGathering gathering;

    WriteMember(CommitCall call, WriteGathering gathering, CommitRequest request) {
        super(call, gathering);
        this.gathering = gathering;
        this.request = request;
    }

    @Override
    long bytes() {
        return (long) request.getSerializedSize() + BYTES_BESIDE;
    }

    @Override
    void join() {
        gathering.join(this);
    }
}
