// SPDX-License-Identifier: Apache-2.0
package io.tidemark.store.engine;

/** What a space keeps of rows at or below the horizon. */
public enum Retention {
    /** All row versions above the horizon, and of each key the newest at or below it, unless that is a tombstone. */
    VERSIONED,
    /** Only rows above the horizon. A view never shows the others, whether or not they were already dropped. */
    LOG,
    /**
     * The newest version of each key, whatever the horizon. What a view at an older index finds of such a space is not
     * defined: for state that only the writer reads, at its newest.
     */
    LATEST
}
