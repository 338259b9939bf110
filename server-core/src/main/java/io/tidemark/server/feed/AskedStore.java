// SPDX-License-Identifier: Apache-2.0
package io.tidemark.server.feed;

import io.tidemark.server.feed.core.FeedErrors;
import io.tidemark.store.state.Store;
import java.util.function.Supplier;

/**
 * This server's store, for other servers that say what they take it for.
 *
 * @param clusterId empty while it is not known
 * @param store throws an error for callers while there is nothing
 */
record AskedStore(String serverId, Supplier<String> clusterId, Supplier<Store> store) {

    /** @throws io.grpc.StatusRuntimeException if it is of another cluster or history than was asked, or there is none */
    Store of(String askedCluster, String askedHistory) {
        FeedErrors.requireCluster(askedCluster, clusterId.get(), serverId);
        Store here = store.get();
        FeedErrors.requireHistory(askedHistory, here.history());
        return here;
    }
}
