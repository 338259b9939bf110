// SPDX-License-Identifier: Apache-2.0
package io.tidemark.store.state;

/** Is told how far a long check is; may throw to end it. */
public interface CheckListener {

    /** So many rows have been read. */
    void checked(long rows);
}
