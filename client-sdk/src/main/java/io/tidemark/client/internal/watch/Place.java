// SPDX-License-Identifier: Apache-2.0
package io.tidemark.client.internal.watch;

/**
 * A state of a history, behind which changes are wanted.
 *
 * @param index all changes at or below it are known
 */
public record Place(String historyId, long index) {

    Place at(long later) {
        return later == index ? this : new Place(historyId, later);
    }

    @Override
    public String toString() {
        return index + " of " + historyId;
    }
}
