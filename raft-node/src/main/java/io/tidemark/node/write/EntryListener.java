// SPDX-License-Identifier: Apache-2.0
package io.tidemark.node.write;

import io.tidemark.store.transition.CommandResult;
import java.util.List;

/** Hears what becomes of entries and commands, once per entry. On any thread; quick. */
public interface EntryListener {

    /** Hears nothing. */
    EntryListener NOBODY = new EntryListener() {
        @Override
        public void proposed(int commands, long bytes) {}

        @Override
        public void applied(List<CommandResult> results, long nanos) {}

        @Override
        public void ended(End end, int commands) {}
    };

    /** How commands end that are not known to be applied. */
    enum End {
        NOT_LEADING,
        OVERLOADED,
        STORE_FULL,
        /** Its time was up before it was proposed. */
        DROPPED,
        UNKNOWN
    }

    /** An entry goes to the log. */
    void proposed(int commands, long bytes);

    /**
     * An entry was applied, and its callers have been told.
     *
     * @param nanos since the command of it that waited longest was admitted
     */
    void applied(List<CommandResult> results, long nanos);

    /** Commands were answered otherwise. */
    void ended(End end, int commands);
}
