// SPDX-License-Identifier: Apache-2.0
package io.tidemark.client.internal.stream;

import io.tidemark.client.TidemarkException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** What to do when an attempt has ended. */
public sealed interface Verdict {

    /** Go on elsewhere without a pause, unless attempts end too soon after each other. */
    record AtOnce() implements Verdict {}

    /**
     * Go on after a pause.
     *
     * @param atLeast the shortest that it may be
     */
    record AfterPause(Duration atLeast) implements Verdict {}

    /**
     * No more.
     *
     * @param failure null: all is said
     */
    record End(@Nullable TidemarkException failure) implements Verdict {}
}
