// SPDX-License-Identifier: Apache-2.0
package io.tidemark.store.transition;

import java.util.List;

/** What an entry did: one result per command, in order, and the counters after all of them. */
public record Applied(List<CommandResult> results, Counters counters) {

    public Applied {
        results = List.copyOf(results);
    }
}
