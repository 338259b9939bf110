// SPDX-License-Identifier: Apache-2.0
package io.tidemark.node.write;

import io.tidemark.server.forward.Forwarder;
import io.tidemark.server.time.Ticker;
import io.tidemark.server.time.Timers;
import io.tidemark.store.state.Store;
import java.util.function.DoubleSupplier;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * What the calls of one node work with.
 *
 * @param store the node's; throws the error for the caller while there is none
 * @param diskFreeBytes the room that is left where the store is
 * @param chance from 0 to 1, to spread retries
 * @param tableDropped called when a table begins to be dropped
 */
record Surroundings(
        String serverId,
        Supplier<Store> store,
        Leadership leadership,
        WritePath path,
        Forwarder forwarder,
        Answers answers,
        NodeWriteOptions options,
        LongSupplier diskFreeBytes,
        Ticker ticker,
        Timers timers,
        DoubleSupplier chance,
        Runnable tableDropped) {}
