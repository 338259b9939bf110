// SPDX-License-Identifier: Apache-2.0
package io.tidemark.node.registry;

import io.grpc.StatusRuntimeException;

/** Who feeds a subscriber. Each call is quick, does not throw, and is made without a lock. */
public interface SubscriberListener {

    /** The leader has it for a replica of the cluster. Once. */
    void registered();

    /** The leader does not take it: the feed ends with this error. At most once, and nothing after it. */
    void refused(StatusRuntimeException error);
}
