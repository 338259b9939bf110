// SPDX-License-Identifier: Apache-2.0
package io.tidemark.client.internal.channel;

import io.grpc.ManagedChannel;

/** Makes channels, and owns the threads that they run on. */
public interface ChannelSource extends AutoCloseable {

    /** A channel to a server, {@code host:port}, that has not begun to connect. Its callbacks come on threads of this source. */
    ManagedChannel open(String address);

    /** Whether the calling thread is one on which nothing may block. */
    boolean ownsThread(Thread thread);

    /** Ends the threads, once the channels are closed. */
    @Override
    void close();
}
