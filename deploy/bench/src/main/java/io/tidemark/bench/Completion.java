// SPDX-License-Identifier: Apache-2.0
package io.tidemark.bench;

/** Told once how a call ended, on the channel's event loop. */
public interface Completion {

    /** It was answered. For a get {@code present} says whether there is such a row; for a put it is true. */
    void answered(boolean present);

    /** It failed. */
    void failed(Throwable failure);
}
