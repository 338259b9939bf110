// SPDX-License-Identifier: Apache-2.0
package io.tidemark.client.internal.stream;

import org.jspecify.annotations.Nullable;

/** Lets tests of other packages take what streams bring, without waiting. */
public final class Intakes {

    private Intakes() {}

    public static <T> @Nullable T poll(Intake<?, T> intake) {
        return intake.poll();
    }

    public static boolean isOver(Intake<?, ?> intake) {
        return intake.isOver();
    }
}
