// SPDX-License-Identifier: Apache-2.0
package io.tidemark.client.internal.scan;

import io.tidemark.client.internal.dispatch.ReadAsk;
import io.tidemark.client.internal.wire.Headers;
import io.tidemark.proto.v1.ReadOptions;
import io.tidemark.proto.v1.Strength;
import io.tidemark.proto.v1.WhenUnmet;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** What a read asks for, as the contract says it. */
public final class ReadOptionsOf {

    private ReadOptionsOf() {}

    /**
     * All that is asked.
     *
     * @param maxWait how long the server may wait; null: until shortly before the deadline
     */
    public static ReadOptions ask(ReadAsk ask, @Nullable Duration maxWait) {
        ReadOptions.Builder options = ReadOptions.newBuilder();
        if (maxWait != null) {
            options.setMaxWait(Headers.duration(maxWait));
        }
        ReadAsk.Base base = ask.base();
        if (base instanceof ReadAsk.Base.AsOfIndex asOf) {
            options.setAsOfIndex(asOf.index());
        } else if (base instanceof ReadAsk.Base.AsOfTime asOf) {
            options.setAsOfTime(Headers.timestamp(asOf.time()));
        } else if (base instanceof ReadAsk.Base.Linearizable) {
            options.setStrength(Strength.STRENGTH_LINEARIZABLE);
        } else {
            options.setStrength(Strength.STRENGTH_EVENTUAL);
        }
        if (ask.maxStaleness() != null) {
            options.setMaxStaleness(Headers.duration(ask.maxStaleness()));
        }
        if (ask.maxLag() != null) {
            options.setMaxLag(ask.maxLag());
        }
        if (ask.floor() > 0) {
            options.setMinIndex(ask.floor());
        }
        if (!ask.historyId().isEmpty()) {
            options.setHistoryId(ask.historyId());
        }
        if (ask.serveUnmet()) {
            options.setWhenUnmet(WhenUnmet.WHEN_UNMET_SERVE);
        }
        return options.build();
    }
}
