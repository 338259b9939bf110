// SPDX-License-Identifier: Apache-2.0
package io.tidemark.client;

/** What happens to a call while as much is under way as may be: {@link TidemarkClient.Builder#backPressure}. */
public enum BackPressure {
    /** Its thread waits until there is room, or its deadline comes; also when it is to give a future. */
    BLOCK,
    /** It fails at once, with {@link OverloadedException}. */
    FAIL
}
