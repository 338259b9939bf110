// SPDX-License-Identifier: Apache-2.0
package io.tidemark.client.internal.routing;

import java.util.List;

/**
 * Servers that can answer the same, in tiers: one of a tier is asked only when none of those before will do.
 *
 * @param tiers none empty, none with a server of another
 */
public record Preference(List<List<Server>> tiers) {

    public Preference {
        tiers = tiers.stream().filter(tier -> !tier.isEmpty()).map(List::copyOf).toList();
    }

    /** How many servers there are. */
    public int size() {
        int size = 0;
        for (int i = 0; i < tiers.size(); i++) {
            size += tiers.get(i).size();
        }
        return size;
    }
}
