// SPDX-License-Identifier: Apache-2.0
package io.tidemark.client.internal.dispatch;

import org.jspecify.annotations.Nullable;

/**
 * What a call had under way when it ended.
 *
 * @param first null: nothing
 * @param second another attempt at the same read; null: none
 */
record UnderWayTries(@Nullable Try first, @Nullable Try second) {

    /** Nobody waits for them any more. */
    void withdraw() {
        withdrawAllBut(null);
    }

    /** Nobody waits for any other any more. */
    void withdrawAllBut(@Nullable Try answered) {
        if (first != null && first != answered) {
            first.withdraw();
        }
        if (second != null && second != answered) {
            second.withdraw();
        }
    }
}
