// SPDX-License-Identifier: Apache-2.0
package io.tidemark.store.transition;

import com.google.protobuf.Duration;
import io.tidemark.store.LogTime;
import io.tidemark.store.proto.v1.StoreSettings;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongPredicate;

/**
 * The horizon as a pure function of the replicated state: every commit is asked whether it raises the horizon, by its own log
 * time and bytes.
 *
 * <p>By time: the oldest index kept is the newest one that is at least {@code history_retention} old, for its state held until
 * then. By bytes: history above the horizon h is what commits after h superseded; where it exceeds max({@code history_bytes},
 * live bytes), h rises until it does not.
 *
 * <p>The horizon travels with the effects to every follower, whatever its shards, so it rises in steps: by time once there is
 * 1/64 of the retention to gain, by bytes down to 15/16 of what is allowed.
 */
final class Horizon {

    private static final int TIME_STEPS = 64;
    private static final int BYTE_STEPS = 16;

    private Horizon() {}

    /** The commit, with a raised horizon if it is due. */
    static Commit raise(StateReader before, Commit commit) {
        StateOverlay after = new StateOverlay(before);
        after.apply(commit);
        long horizon = Math.max(byTime(after), byBytes(after));
        if (horizon == before.counters().horizon()) {
            return commit;
        }
        List<SystemChange> changes = new ArrayList<>(commit.systemChanges());
        changes.add(new SystemChange.HorizonRaised(horizon));
        return new Commit(commit.index(), commit.logTime(), commit.rowEffects(), changes, commit.bytes());
    }

    private static long byTime(StateReader state) {
        Counters counters = state.counters();
        Duration retention = state.settings().getHistoryRetention();
        LogTime due = counters.logTime().minus(retention);
        long horizon = counters.horizon();
        if (horizon == counters.lastIndex()
                || state.mark(horizon + 1).logTime().plus(fraction(retention)).isAfter(due)) {
            return horizon;
        }
        return last(
                horizon,
                counters.lastIndex(),
                index -> !state.mark(index).logTime().isAfter(due));
    }

    private static long byBytes(StateReader state) {
        Counters counters = state.counters();
        StoreSettings settings = state.settings();
        long allowed = Math.max(settings.getHistoryBytes(), counters.liveBytes());
        long horizon = counters.horizon();
        if (history(state, horizon) <= allowed) {
            return horizon;
        }
        long target = allowed - allowed / BYTE_STEPS;
        long tooMuch = last(horizon, counters.lastIndex(), index -> history(state, index) > target);
        return tooMuch + 1;
    }

    private static long history(StateReader state, long horizon) {
        return state.counters().supersededBytes() - state.mark(horizon).supersededBytes();
    }

    /** The last index of those from {@code first} on for which it holds: first for all up to it, then for none. */
    private static long last(long first, long end, LongPredicate holds) {
        long low = first;
        long high = end;
        while (low < high) {
            long middle = low + (high - low + 1) / 2;
            if (holds.test(middle)) {
                low = middle;
            } else {
                high = middle - 1;
            }
        }
        return low;
    }

    private static Duration fraction(Duration retention) {
        return Duration.newBuilder()
                .setSeconds(retention.getSeconds() / TIME_STEPS)
                .setNanos((int) (retention.getSeconds() % TIME_STEPS * 1_000_000_000L / TIME_STEPS
                        + retention.getNanos() / TIME_STEPS))
                .build();
    }
}
