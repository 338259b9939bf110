// SPDX-License-Identifier: Apache-2.0
package io.tidemark.server.service;

import io.tidemark.api.XxHash64;
import io.tidemark.proto.v1.ReadOptions;
import io.tidemark.proto.v1.Strength;
import io.tidemark.proto.v1.WhenUnmet;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** What the first page of a scan asked of freshness, each ask as a hash; zero: not asked. */
record Asks(int at, int sessionTokens, int minIndex, int maxStaleness, int maxLag, int whenUnmet) {

    static final int COUNT = 6;

    static Asks of(ReadOptions options) {
        return new Asks(
                at(options),
                options.getSessionTokensCount() == 0
                        ? 0
                        : hash(options.getSessionTokensList().toString()),
                options.hasMinIndex() ? hash("min " + options.getMinIndex()) : 0,
                options.hasMaxStaleness()
                        ? hash(options.getMaxStaleness().getSeconds() + " s "
                                + options.getMaxStaleness().getNanos())
                        : 0,
                options.hasMaxLag() ? hash("lag " + options.getMaxLag()) : 0,
                options.getWhenUnmet() == WhenUnmet.WHEN_UNMET_UNSPECIFIED
                        ? 0
                        : hash("unmet " + options.getWhenUnmetValue()));
    }

    private static int at(ReadOptions options) {
        return switch (options.getAtCase()) {
            case STRENGTH ->
                options.getStrength() == Strength.STRENGTH_UNSPECIFIED
                        ? 0
                        : hash("strength " + options.getStrengthValue());
            case AS_OF_INDEX -> hash("index " + options.getAsOfIndex());
            case AS_OF_TIME ->
                hash("time " + options.getAsOfTime().getSeconds() + " s "
                        + options.getAsOfTime().getNanos());
            case AT_NOT_SET -> 0;
        };
    }

    private static int hash(String ask) {
        byte[] bytes = ask.getBytes(StandardCharsets.UTF_8);
        int hash = (int) XxHash64.hash(bytes, 0, bytes.length, 0);
        return hash == 0 ? 1 : hash;
    }

    void write(ByteBuffer out) {
        out.putInt(at)
                .putInt(sessionTokens)
                .putInt(minIndex)
                .putInt(maxStaleness)
                .putInt(maxLag)
                .putInt(whenUnmet);
    }

    static Asks read(ByteBuffer in) {
        return new Asks(in.getInt(), in.getInt(), in.getInt(), in.getInt(), in.getInt(), in.getInt());
    }

    /** The first that a later page asks otherwise; null: none. */
    @Nullable String firstOther(Asks later) {
        if (differs(at, later.at)) {
            return "at";
        } else if (differs(sessionTokens, later.sessionTokens)) {
            return "session_tokens";
        } else if (differs(minIndex, later.minIndex)) {
            return "min_index";
        } else if (differs(maxStaleness, later.maxStaleness)) {
            return "max_staleness";
        } else if (differs(maxLag, later.maxLag)) {
            return "max_lag";
        }
        return differs(whenUnmet, later.whenUnmet) ? "when_unmet" : null;
    }

    private static boolean differs(int first, int later) {
        return later != 0 && later != first;
    }
}
