// SPDX-License-Identifier: Apache-2.0
package io.tidemark.client;

import org.jspecify.annotations.Nullable;

/** The state at that index is no longer kept. Read anew, as of now. */
public final class HorizonPassedException extends TidemarkException {

    private static final long serialVersionUID = 1L;

    private final long askedIndex;
    private final long clusterHorizon;

    public HorizonPassedException(Failure failure, @Nullable Throwable cause, long askedIndex, long clusterHorizon) {
        super(failure, cause);
        this.askedIndex = askedIndex;
        this.clusterHorizon = clusterHorizon;
    }

    /** The index that was asked for. */
    public long askedIndex() {
        return askedIndex;
    }

    /**
     * The oldest index that the cluster keeps, as far as the server knew; 0: it did not know. The server may keep less itself, so an index
     * that is no older can be read elsewhere.
     */
    public long clusterHorizon() {
        return clusterHorizon;
    }

    @Override
    HorizonPassedException fromHere() {
        return new HorizonPassedException(failure(), this, askedIndex, clusterHorizon);
    }
}
