// SPDX-License-Identifier: Apache-2.0
package io.tidemark.store.transition;

import io.tidemark.store.LogTime;
import io.tidemark.store.proto.v1.RequestRecord;

/** What decides when a remembered request is forgotten, and what is left of it then: when, and at which index it was settled. */
public record RequestMark(LogTime logTime, long settledIndex) {

    public static RequestMark of(RequestRecord record) {
        return new RequestMark(LogTime.of(record.getLogTime()), record.getSettledIndex());
    }
}
