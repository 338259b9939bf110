// SPDX-License-Identifier: Apache-2.0
package io.tidemark.bench;

import com.google.protobuf.ByteString;

/** As {@link Connection}, for callers that wait for each call. Thread-safe. Calls that fail throw. */
public interface BlockingConnection extends AutoCloseable {

    /** Writes one row. */
    void put(String key, ByteString value);

    /** Reads one row; whether there is one. */
    boolean get(String key);

    @Override
    void close();
}
