// SPDX-License-Identifier: Apache-2.0
package io.tidemark.server.call;

import io.grpc.netty.shaded.io.netty.util.concurrent.EventExecutor;
import io.grpc.netty.shaded.io.netty.util.internal.ThreadExecutorMap;
import java.util.concurrent.Executor;

/**
 * The event loop that the present call came by. What is answered there goes out without waking another thread, and together with what else
 * is answered meanwhile.
 */
public final class CallerLoop {

    private CallerLoop() {}

    /** It, or the other executor on a thread that is none. */
    public static Executor or(Executor other) {
        EventExecutor loop = ThreadExecutorMap.currentExecutor();
        return loop == null ? other : loop;
    }
}
