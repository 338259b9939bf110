// SPDX-License-Identifier: Apache-2.0
package io.tidemark.store.state;

import com.google.protobuf.ByteString;

/** A durable state: after a crash the store is at this index, and the caller goes on behind this position, or newer ones. */
public record StoreCheckpoint(long index, ByteString position) {}
