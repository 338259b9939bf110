// SPDX-License-Identifier: Apache-2.0
package io.tidemark.launcher.dev;

/** Hears of what happens in a cluster. Called by any thread. */
interface ClusterListener {

    /** A server has started or ended, or is in another condition. */
    void changed();

    /** Something that whoever watches the cluster should know, as a line. */
    void tell(String line);
}
