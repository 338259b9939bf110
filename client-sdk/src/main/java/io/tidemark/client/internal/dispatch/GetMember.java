// SPDX-License-Identifier: Apache-2.0
package io.tidemark.client.internal.dispatch;

import io.tidemark.proto.v1.GetResponse;

/** A read of one row that may travel with others. */
final class GetMember extends Member<GetResponse> {

    private static final int BYTES_BESIDE = 16;

    final GetCall read;
    /** As of an attempt. */
    final long waitNanosMax;

    private final GetGathering gathering;

    GetMember(GetCall read, GetGathering gathering, long waitNanosMax) {
        super(read, gathering);
        this.waitNanosMax = waitNanosMax;
        this.read = read;
        this.gathering = gathering;
    }

    /** Exact for ASCII; for other text the limit of a request leaves room. */
    @Override
    long bytes() {
        return (long) read.table().length() + read.key().length() + BYTES_BESIDE;
    }

    @Override
    void join() {
        gathering.join(this);
    }
}
