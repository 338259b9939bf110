// SPDX-License-Identifier: Apache-2.0
package io.tidemark.store.state;

import io.tidemark.proto.v1.StoreSettings;
import io.tidemark.store.transition.Registry;

/** What a store shows. One value, replaced whole by the writer, so that readers see parts that belong together. */
record Standing(Progress progress, StoreSettings settings, Holdings holdings, Tables tables, Registry registry) {

    Standing with(Progress other) {
        return new Standing(other, settings, holdings, tables, registry);
    }
}
