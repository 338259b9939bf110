// SPDX-License-Identifier: Apache-2.0
package io.tidemark.node.agreement;

import io.tidemark.store.state.Store;

/** Hears what comparisons find. Called on the thread of {@link NodeAgreement}. */
public interface DisagreementListener {

    /**
     * A majority of the nodes has other rows than this store. Called again with each comparison that finds it.
     *
     * @param what for people: the index, the shards, and where known the buckets
     */
    void outvoted(Store store, String what);

    /** This store and another node's differ, and no majority says which of them is right. Called again with each comparison that finds it. */
    void undecided(Store store, String what);

    /** Every node that could be asked has the same rows, and with this one they are a majority. */
    void agreed(Store store);
}
