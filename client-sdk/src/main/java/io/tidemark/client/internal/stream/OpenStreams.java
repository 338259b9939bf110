// SPDX-License-Identifier: Apache-2.0
package io.tidemark.client.internal.stream;

import io.tidemark.client.ClosedException;
import io.tidemark.client.Failure;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** The streams that a client has under way, so that closing it ends them, also those that are between two servers. */
public final class OpenStreams implements AutoCloseable {

    private final Set<ResumingStream<?, ?>> streams = ConcurrentHashMap.newKeySet();
    private volatile boolean closed;

    void add(ResumingStream<?, ?> stream) {
        streams.add(stream);
        if (closed) {
            stream.end(clientClosed());
        }
    }

    void remove(ResumingStream<?, ?> stream) {
        streams.remove(stream);
    }

    /** How many there are. */
    public int count() {
        return streams.size();
    }

    /** Ends all of them, and every one that is begun later. */
    @Override
    public void close() {
        closed = true;
        streams.forEach(stream -> stream.end(clientClosed()));
    }

    private static ClosedException clientClosed() {
        return new ClosedException(new Failure("the client was closed", "CLIENT_CLOSED"), null);
    }
}
