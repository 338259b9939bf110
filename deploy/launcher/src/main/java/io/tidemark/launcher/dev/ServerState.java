// SPDX-License-Identifier: Apache-2.0
package io.tidemark.launcher.dev;

/**
 * One server of the cluster as it is now.
 *
 * @param condition of its process
 * @param cutOff whether it is cut off from the other servers
 * @param process the last that it ran, or runs, as
 */
record ServerState(ServerPlan plan, Condition condition, boolean cutOff, ProcessIdentity process) {

    enum Condition {
        RUNNING,
        PAUSED,
        ENDED
    }
}
