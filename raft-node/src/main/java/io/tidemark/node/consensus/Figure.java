// SPDX-License-Identifier: Apache-2.0
package io.tidemark.node.consensus;

import java.util.Map;
import java.util.function.DoubleSupplier;

/**
 * A figure of the library beneath, for whoever publishes figures.
 *
 * @param name in words with points between, without the node's
 * @param rises a count that never falls while the node runs; otherwise a momentary value
 * @param value NaN: not known at the moment
 */
public record Figure(String name, Map<String, String> tags, boolean rises, DoubleSupplier value) {

    public Figure {
        tags = Map.copyOf(tags);
    }
}
