// SPDX-License-Identifier: Apache-2.0
package io.tidemark.store.state;

import io.tidemark.store.LogTime;

/** How far a durable state is, and its log time. */
public record DurableMark(long index, LogTime logTime) {

    static DurableMark of(Progress progress) {
        return new DurableMark(progress.index(), progress.counters().logTime());
    }
}
