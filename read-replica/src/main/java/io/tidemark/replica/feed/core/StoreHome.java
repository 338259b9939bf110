// SPDX-License-Identifier: Apache-2.0
package io.tidemark.replica.feed.core;

import io.tidemark.store.state.Store;
import io.tidemark.store.state.StoreBirth;
import org.jspecify.annotations.Nullable;

/** Where the replica's store lives. Of the feed's thread. */
public interface StoreHome {

    /** Null: there is none yet. */
    @Nullable Store store();

    /** The cluster that the store is of; empty while there has been none. */
    String clusterId();

    /** Makes a new store in place of any that there is, durable when this returns. Nothing of the old one can be read any more. */
    Store begin(String clusterId, StoreBirth birth);
}
