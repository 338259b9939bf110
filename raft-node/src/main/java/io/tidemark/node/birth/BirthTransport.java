// SPDX-License-Identifier: Apache-2.0
package io.tidemark.node.birth;

import io.tidemark.proto.v1.ExchangeBirthRequest;
import io.tidemark.proto.v1.ExchangeBirthResponse;
import java.util.concurrent.CompletableFuture;

/** How other nodes are asked. */
public interface BirthTransport extends AutoCloseable {

    /** Asks the node at an internal address, for a few seconds at most. Never throws, never blocks. */
    CompletableFuture<ExchangeBirthResponse> ask(String address, ExchangeBirthRequest request);

    @Override
    void close();
}
