// SPDX-License-Identifier: Apache-2.0
package io.tidemark.store.engine;

/** The order in which a cursor walks keys: unsigned byte order, or its reverse. */
public enum Direction {
    ASCENDING,
    DESCENDING
}
