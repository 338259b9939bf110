// SPDX-License-Identifier: Apache-2.0
package io.tidemark.store.transition;

import com.google.protobuf.Duration;
import io.tidemark.store.LogTime;
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
 * <p>The horizon travels with the effects to every replica, whatever its shards, so it rises in steps: by time once there is
 * 1/64 of the retention to gain, by bytes down to 15/16 of what is allowed.
 */
final class Horizon {

    private static final int TIME_STEPS = 64;
    private static final int BYTE_STEPS = 16;

    private final StateReader before;
    private final Counters after;

    private Horizon(StateReader before, Commit commit) {
        this.before = before;
        this.after = before.counters().after(commit);
    }

    /** The commit, with a raised horizon if it is due, or higher than the commit itself raises it. The settings are those that the commit was made under. */
    static Commit raise(StateReader before, Commit commit) {
        Horizon due = new Horizon(before, commit);
        long horizon = Math.max(due.byTime(), due.byBytes());
        if (horizon == due.after.horizon()) {
            return commit;
        }
        List<SystemChange> changes = new ArrayList<>(commit.systemChanges());
        changes.removeIf(SystemChange.HorizonRaised.class::isInstance);
        changes.add(new SystemChange.HorizonRaised(horizon));
        return new Commit(commit.index(), commit.logTime(), commit.rowEffects(), changes, commit.bytes());
    }

    private long byTime() {
        Duration retention = before.settings().getHistoryRetention();
        LogTime due = after.logTime().minus(retention);
        long horizon = after.horizon();
        if (isShortlyAfter(due, logTime(horizon + 1), retention)) {
            return horizon;
        }
        return last(horizon, after.lastIndex(), index -> !logTime(index).isAfter(due));
    }

    private long byBytes() {
        long allowed = Math.max(before.settings().getHistoryBytes(), after.liveBytes());
        long horizon = after.horizon();
        if (history(horizon) <= allowed) {
            return horizon;
        }
        long target = allowed - allowed / BYTE_STEPS;
        return last(horizon, after.lastIndex(), index -> history(index) > target) + 1;
    }

    private LogTime logTime(long index) {
        return index == after.lastIndex() ? after.logTime() : before.mark(index).logTime();
    }

    private long history(long horizon) {
        return horizon == after.lastIndex()
                ? 0
                : after.supersededBytes() - before.mark(horizon).supersededBytes();
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

    /** Whether a step of the retention lies between the two, or less. */
    private static boolean isShortlyAfter(LogTime due, LogTime oldest, Duration retention) {
        if (oldest.isAfter(due)) {
            return true;
        }
        Duration step = Duration.newBuilder()
                .setSeconds(retention.getSeconds() / TIME_STEPS)
                .setNanos((int) (retention.getSeconds() % TIME_STEPS * 1_000_000_000L / TIME_STEPS
                        + retention.getNanos() / TIME_STEPS))
                .build();
        return oldest.plus(step).isAfter(due);
    }
}
