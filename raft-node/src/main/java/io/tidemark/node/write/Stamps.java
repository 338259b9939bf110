// SPDX-License-Identifier: Apache-2.0
package io.tidemark.node.write;

import io.tidemark.server.time.Moment;

/** What time it is, for entries of the log. */
public interface Stamps {

    /** At a moment; never later than this node's own wall clock shows then. For any thread. */
    long wallNanos(Moment now);
}
