// SPDX-License-Identifier: Apache-2.0
package io.tidemark.client.internal.dispatch;

import java.util.concurrent.Future;

/** A call whose caller can no longer wait, and still wants to know how it stands. */
public interface Interruptible {

    /**
     * Ends it now, if it has not ended: unlike a call that is cancelled it says whether it was sent, and by which name. Whoever is told is
     * told before this returns.
     */
    void interrupt();

    /** Ends a call so, or cancels what cannot say how it stands. */
    static void interrupt(Future<?> call) {
        if (call instanceof Interruptible interruptible) {
            interruptible.interrupt();
        }
        call.cancel(false);
    }
}
