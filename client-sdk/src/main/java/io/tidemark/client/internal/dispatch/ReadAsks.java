// SPDX-License-Identifier: Apache-2.0
package io.tidemark.client.internal.dispatch;

import io.tidemark.api.ProtoTimes;
import io.tidemark.proto.v1.ReadOptions;
import io.tidemark.proto.v1.ScanRequest;
import io.tidemark.proto.v1.Strength;
import io.tidemark.proto.v1.WhenUnmet;
import java.time.Duration;
import java.util.Objects;

/** What asks are on the wire, and which are equal. */
public final class ReadAsks {

    private ReadAsks() {}

    /** Whether two differ in nothing but their floors. */
    static boolean equalButFloor(ReadAsk one, ReadAsk two) {
        return one.serveUnmet() == two.serveUnmet()
                && one.base().equals(two.base())
                && Objects.equals(one.maxStaleness(), two.maxStaleness())
                && Objects.equals(one.maxLag(), two.maxLag())
                && Objects.equals(one.maxWait(), two.maxWait())
                && one.historyId().equals(two.historyId());
    }

    /** What a server must have applied to answer at once; 0: any does. */
    static long indexNeeded(ReadAsk ask) {
        return ask.base() instanceof ReadAsk.Base.AsOfIndex at ? Math.max(ask.floor(), at.index()) : ask.floor();
    }

    /** What reads that are sent one after the other mostly have in common. */
    private static volatile com.google.protobuf.Duration latest = com.google.protobuf.Duration.getDefaultInstance();

    /** With another floor than its own. */
    public static ReadOptions toProto(ReadAsk ask, long floor) {
        return toProto(ask, floor, 0);
    }

    /** @param waitNanosMax a server must not wait for longer, whatever is asked; 0: it may */
    static ReadOptions toProto(ReadAsk ask, long floor, long waitNanosMax) {
        ReadOptions.Builder options = ReadOptions.newBuilder();
        ReadAsk.Base base = ask.base();
        if (base instanceof ReadAsk.Base.Linearizable) {
            options.setStrength(Strength.STRENGTH_LINEARIZABLE);
        } else if (base instanceof ReadAsk.Base.Applied) {
            options.setStrength(Strength.STRENGTH_EVENTUAL);
        } else if (base instanceof ReadAsk.Base.AsOfIndex at) {
            options.setAsOfIndex(at.index());
        } else if (base instanceof ReadAsk.Base.AsOfTime at) {
            options.setAsOfTime(ProtoTimes.timestamp(at.time()));
        }
        if (ask.maxStaleness() != null) {
            options.setMaxStaleness(ProtoTimes.duration(ask.maxStaleness()));
        }
        if (ask.maxLag() != null) {
            options.setMaxLag(ask.maxLag());
        }
        if (floor > 0) {
            options.setMinIndex(floor);
        }
        if (!ask.historyId().isEmpty()) {
            options.setHistoryId(ask.historyId());
        }
        Duration asked = ask.maxWait();
        if (waitNanosMax > 0 && (asked == null || asked.compareTo(Duration.ofNanos(waitNanosMax)) > 0)) {
            options.setMaxWait(duration(waitNanosMax));
        } else if (asked != null) {
            options.setMaxWait(ProtoTimes.duration(asked));
        }
        if (ask.serveUnmet()) {
            options.setWhenUnmet(WhenUnmet.WHEN_UNMET_SERVE);
        }
        return options.build();
    }

    /** A page that says itself what it asks for, and waits no longer than that. */
    static ScanRequest hurried(ScanRequest page, long waitNanosMax) {
        ReadOptions options = page.getReadOptions();
        return options.hasMaxWait()
                        && ProtoTimes.duration(options.getMaxWait()).compareTo(Duration.ofNanos(waitNanosMax)) <= 0
                ? page
                : page.toBuilder()
                        .setReadOptions(options.toBuilder().setMaxWait(duration(waitNanosMax)))
                        .build();
    }

    private static com.google.protobuf.Duration duration(long nanos) {
        com.google.protobuf.Duration known = latest;
        Duration wanted = Duration.ofNanos(nanos);
        if (known.getSeconds() != wanted.getSeconds() || known.getNanos() != wanted.getNano()) {
            known = ProtoTimes.duration(wanted);
            latest = known;
        }
        return known;
    }

    /** The state at an index that another answer was as of. */
    static ReadAsk asOf(String historyId, long index) {
        return new ReadAsk(new ReadAsk.Base.AsOfIndex(index), null, null, 0, historyId, null, false);
    }
}
