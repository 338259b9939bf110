// SPDX-License-Identifier: Apache-2.0
package io.tidemark.node.registry;

import io.tidemark.server.time.Moment;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Tells who has been silent for so long that it is lost. Counts from the later of the last word and the moment from which on the
 * leader has listened without a break, so each replica has the whole timeout after a change of the leader, and after a pause of the
 * leader's own.
 *
 * <p>If more than a third of the replicas fall silent within one timeout, that is a <em>storm</em>: it is more likely that the
 * network or this leader is at fault, and to move so many shards at once would do more harm than good. Then nobody is lost until enough
 * of them are heard of again, or are removed; those that are still silent then have the whole timeout once more. One replica alone is
 * never a storm: it moves no more than its own shards.
 *
 * <p>Not thread-safe: whoever owns it calls it from one thread at a time.
 */
final class Silences {

    private static final int STORM_PART = 3;

    private final Duration timeout;
    private final Duration pauseMin;
    private final Map<String, Moment> heard = new HashMap<>();
    /** Those given up within the last timeout, and when: as fallen silent as those that are silent now. */
    private final Map<String, Moment> givenUp = new HashMap<>();

    private Moment since;
    private @Nullable Moment checked;
    private boolean storm;

    Silences(RegistryOptions options, Moment now) {
        this.timeout = options.lossTimeout();
        this.pauseMin = options.pauseMin();
        this.since = now;
    }

    /** A word of a replica, at that moment or later than it. */
    void heard(String id, Moment at) {
        Moment before = heard.get(id);
        if (before == null || before.isNotAfter(at)) {
            heard.put(id, at);
        }
        givenUp.remove(id);
    }

    /** For how long nothing was heard of a replica, as far as this leader can say. */
    Duration silence(String id, Moment now) {
        Moment last = heard.get(id);
        return (last == null || last.isNotAfter(since) ? since : last).elapsedTo(now);
    }

    /** When a replica was last heard of by this leader; null: never. */
    @Nullable Moment lastHeard(String id) {
        return heard.get(id);
    }

    /** Whether a replica has been silent for the whole timeout. */
    boolean isSilent(String id, Moment now) {
        return silence(id, now).compareTo(timeout) >= 0;
    }

    boolean isStorm() {
        return storm;
    }

    /**
     * Looks who is lost now. To be called again and again; a gap between two calls is a pause of the leader's own.
     *
     * @param present the registered replicas that are not lost
     */
    List<String> check(Moment now, Collection<String> present) {
        Moment before = checked;
        checked = now;
        if (before != null && before.elapsedTo(now).compareTo(pauseMin) > 0) {
            since = now;
        }
        givenUp.values().removeIf(at -> at.elapsedTo(now).compareTo(timeout) > 0);
        List<String> due = new ArrayList<>();
        Set<String> fallen = new HashSet<>(givenUp.keySet());
        Set<String> all = new HashSet<>(givenUp.keySet());
        for (String id : present) {
            Duration silence = silence(id, now);
            all.add(id);
            // Not all fall silent in the same instant: words come at intervals.
            if (silence.compareTo(timeout.dividedBy(2)) >= 0) {
                fallen.add(id);
            }
            if (silence.compareTo(timeout) >= 0) {
                due.add(id);
            }
        }
        boolean isTooMany = fallen.size() > 1 && fallen.size() * STORM_PART > all.size();
        if (isTooMany && (storm || !due.isEmpty())) {
            storm = true;
            return List.of();
        }
        if (storm) {
            storm = false;
            since = now;
            return List.of();
        }
        due.forEach(id -> givenUp.put(id, now));
        return due;
    }

    /** Forgets all others. */
    void retain(Collection<String> ids) {
        heard.keySet().retainAll(ids);
        givenUp.keySet().retainAll(ids);
    }
}
