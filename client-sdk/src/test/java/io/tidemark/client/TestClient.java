// SPDX-License-Identifier: Apache-2.0
package io.tidemark.client;

import io.tidemark.client.internal.call.Calls;
import io.tidemark.client.internal.call.Moment;
import io.tidemark.client.internal.call.Observations;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/** A client of a fake dispatcher, whose futures are completed on the thread that completes them. */
final class TestClient {

    private TestClient() {}

    static TidemarkClient over(FakeDispatcher dispatcher) {
        return over(dispatcher, null);
    }

    static TidemarkClient over(FakeDispatcher dispatcher, @Nullable Observations observations) {
        return over(dispatcher, observations, Runnable::run);
    }

    static TidemarkClient over(FakeDispatcher dispatcher, @Nullable Observations observations, Executor executor) {
        Calls calls = new Calls(
                dispatcher,
                executor,
                new Moment.Clock(() -> dispatcher.nanos, () -> dispatcher.wallMillis),
                TidemarkClient.DEADLINE_DEFAULT,
                TidemarkClient.CONSISTENCY_DEFAULT,
                false,
                observations);
        return new TidemarkClient(calls, Session.create());
    }
}
