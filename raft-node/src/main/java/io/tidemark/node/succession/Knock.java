// SPDX-License-Identifier: Apache-2.0
package io.tidemark.node.succession;

/** What came of knocking at a port. */
public enum Knock {
    /** Its host says that nobody listens there: the process has ended, or has not begun. */
    REFUSED,
    /** Somebody listens. */
    ANSWERED,
    /** Neither, in time: the host, or the way to it, may be gone, and the process may go on. */
    SILENT
}
