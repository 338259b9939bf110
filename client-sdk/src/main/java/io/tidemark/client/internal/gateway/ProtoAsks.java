// SPDX-License-Identifier: Apache-2.0
package io.tidemark.client.internal.gateway;

import io.tidemark.api.ProtoTimes;
import io.tidemark.api.SessionToken;
import io.tidemark.client.Consistency;
import io.tidemark.client.Failure;
import io.tidemark.client.HistoryChangedException;
import io.tidemark.client.InvalidRequestException;
import io.tidemark.client.internal.dispatch.ReadAsk;
import io.tidemark.proto.v1.ReadOptions;
import io.tidemark.proto.v1.Strength;
import io.tidemark.proto.v1.WhenUnmet;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The contract's {@code ReadOptions} as the dispatcher takes them. */
final class ProtoAsks {

    private ProtoAsks() {}

    /** What is asked, without the index where only the present history could give it a meaning. */
    static ReadAsk ask(ReadOptions options) {
        SessionToken token = merged(options);
        String history = options.hasHistoryId() ? options.getHistoryId() : "";
        if (token != null) {
            history = sameHistory(history, token.history().text());
        }
        long floor = token == null ? 0 : token.index();
        return inHistory(bare(options), options, history, floor);
    }

    /** Whether an index stands there that does not say of which history it is. */
    static boolean lacksHistory(ReadAsk ask, ReadOptions options) {
        return ask.historyId().isEmpty() && (options.hasMinIndex() || options.hasAsOfIndex());
    }

    static ReadAsk inHistory(ReadAsk ask, ReadOptions options, String history) {
        return inHistory(ask, options, history, ask.floor());
    }

    private static ReadAsk inHistory(ReadAsk ask, ReadOptions options, String history, long floor) {
        long asked = history.isEmpty() ? 0 : options.getMinIndex();
        return new ReadAsk(
                ask.base(),
                ask.maxStaleness(),
                ask.maxLag(),
                Math.max(floor, asked),
                history,
                ask.maxWait(),
                ask.serveUnmet());
    }

    private static ReadAsk bare(ReadOptions options) {
        return new ReadAsk(
                base(options),
                options.hasMaxStaleness() ? ProtoTimes.duration(options.getMaxStaleness()) : null,
                options.hasMaxLag() ? (Long) options.getMaxLag() : null,
                0,
                "",
                options.hasMaxWait() ? ProtoTimes.duration(options.getMaxWait()) : null,
                options.getWhenUnmet() == WhenUnmet.WHEN_UNMET_SERVE);
    }

    private static ReadAsk.Base base(ReadOptions options) {
        if (options.hasAsOfIndex()) {
            return new ReadAsk.Base.AsOfIndex(options.getAsOfIndex());
        }
        if (options.hasAsOfTime()) {
            return new ReadAsk.Base.AsOfTime(ProtoTimes.instant(options.getAsOfTime()));
        }
        boolean bounded = options.hasMaxStaleness() || options.hasMaxLag();
        boolean relaxed = options.getStrength() == Strength.STRENGTH_EVENTUAL
                || (bounded && options.getStrength() != Strength.STRENGTH_LINEARIZABLE);
        return relaxed ? new ReadAsk.Base.Applied() : new ReadAsk.Base.Linearizable();
    }

    private static @Nullable SessionToken merged(ReadOptions options) {
        SessionToken merged = null;
        for (String text : options.getSessionTokensList()) {
            SessionToken token;
            try {
                token = SessionToken.parse(text);
            } catch (IllegalArgumentException e) {
                throw new InvalidRequestException(
                        new Failure(String.valueOf(e.getMessage()), "BAD_SESSION_TOKEN"), e, List.of());
            }
            if (merged != null) {
                String unused =
                        sameHistory(merged.history().text(), token.history().text());
                merged = merged.merge(token);
            } else {
                merged = token;
            }
        }
        return merged;
    }

    private static String sameHistory(String one, String other) {
        if (one.isEmpty() || one.equals(other)) {
            return other;
        }
        throw new HistoryChangedException(
                new Failure(
                        "session tokens of two histories, " + one + " and " + other
                                + ": the cluster was restored or recovered in between. Forget what was read before, and"
                                + " read anew without them",
                        "HISTORY_CHANGED",
                        Map.of("asked_history_id", one, "actual_history_id", other),
                        List.of()),
                null,
                one,
                other);
    }

    /** What metrics call it. */
    static Consistency label(ReadOptions options) {
        if (options.hasAsOfIndex() || options.hasAsOfTime()) {
            return Consistency.asOf(0);
        }
        if (options.hasMaxStaleness() || options.hasMaxLag()) {
            return Consistency.maxLag(0);
        }
        return options.getStrength() == Strength.STRENGTH_EVENTUAL
                ? Consistency.eventual()
                : Consistency.linearizable();
    }
}
