// SPDX-License-Identifier: Apache-2.0
package io.tidemark.bench;

import com.google.protobuf.ByteString;

/** One gRPC channel to a server under load. Thread-safe; no call blocks. */
public interface Connection extends AutoCloseable {

    /** Writes one row. */
    void put(String key, ByteString value, Completion completion);

    /** Reads one row, as consistently as the connection was asked for. */
    void get(String key, Completion completion);

    /** Breaks off what is under way. */
    @Override
    void close();
}
