// SPDX-License-Identifier: Apache-2.0
package io.tidemark.verify.architecture.planted.store;

import io.tidemark.verify.architecture.planted.server.freshness.ClockReader;

/** Points up, and closes a cycle. */
public class StoreThatServes {
    public long serve(ClockReader reader) {
        return reader.read();
    }
}
