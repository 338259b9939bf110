// SPDX-License-Identifier: Apache-2.0

/** The thread, the connections and the disk beneath a replica's feed. */
@NullMarked
package io.tidemark.replica.feed;

import org.jspecify.annotations.NullMarked;
