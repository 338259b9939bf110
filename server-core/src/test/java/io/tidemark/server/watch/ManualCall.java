// SPDX-License-Identifier: Apache-2.0
package io.tidemark.server.watch;

import io.tidemark.proto.v1.WatchEvent;
import io.tidemark.proto.v1.WatchResponse;
import io.tidemark.server.call.FakeServerCall;
import java.util.List;

/** A watch, as its caller sees it. It ends with an error only. */
final class ManualCall extends FakeServerCall<WatchResponse> {

    ManualCall(int room) {
        super(room);
    }

    List<WatchEvent> events() {
        return messages.stream()
                .flatMap(message -> message.getEventsList().stream())
                .toList();
    }

    boolean hasEnded() {
        return hasFailed();
    }

    @Override
    public void onCompleted() {
        throw new AssertionError("a watch ends with an error only");
    }
}
