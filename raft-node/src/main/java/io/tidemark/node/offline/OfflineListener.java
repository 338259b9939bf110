// SPDX-License-Identifier: Apache-2.0
package io.tidemark.node.offline;

/** Is told how far it is; may throw to end it, which leaves a directory that no start accepts. */
public interface OfflineListener {

    OfflineListener NONE = new OfflineListener() {};

    /** All of a node's directory is copied. */
    default void copied() {}

    /** An entry of the log was applied, and the store is then at an index. */
    default void replayed(long raftIndex, long index) {}

    /** So many rows of about so many are in the new store. */
    default void rows(long done, long estimated) {}
}
