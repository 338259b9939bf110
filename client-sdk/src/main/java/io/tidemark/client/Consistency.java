// SPDX-License-Identifier: Apache-2.0
package io.tidemark.client;

import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * How fresh a read must be. A server proves it, or waits until it can, or the read fails with {@link TooStaleException}: nothing
 * is ever silently older.
 *
 * <p>What may be combined can be chained, and every part must then hold: {@code session().maxStaleness(d)},
 * {@code eventual().atLeast(token)}. What makes no sense together cannot be written.
 *
 * <p>Everything keeps to the {@link Session} (own writes, never backwards), but for {@link #eventual()}, which is the way to let go
 * of it, and {@link #asOf(long)}, which names a state.
 */
public sealed interface Consistency {

    /**
     * The newest acknowledged state. Costs a round trip to the leader, which reads that wait together share, and fails while there is
     * no leader.
     */
    static Consistency linearizable() {
        return Linearizable.INSTANCE;
    }

    /** At least what the session has written and seen. Answered by any replica; waits only if that one is behind the session. */
    static Relaxed session() {
        return Relaxed.SESSION;
    }

    /** Any state that a server has applied, however old, and not even what this session wrote. The result says how old. */
    static Relaxed eventual() {
        return Relaxed.EVENTUAL;
    }

    /** {@link #session()}, and everything acknowledged to anyone up to this long before the server answers. */
    static Relaxed maxStaleness(Duration bound) {
        return session().maxStaleness(bound);
    }

    /** {@link #session()}, and at most so many commits behind. */
    static Relaxed maxLag(long commits) {
        return session().maxLag(commits);
    }

    /**
     * {@link #session()}, and at least what the token's session had seen.
     *
     * @throws InvalidRequestException if it is no token
     */
    static Relaxed atLeast(String token) {
        return session().atLeast(token);
    }

    /** Exactly the state at this index, of the history that the session is in. Fails once it is no longer kept. */
    static Consistency asOf(long index) {
        return new AsOfIndex(index);
    }

    /**
     * Exactly the state at the newest index whose log time is not later. Fails once it is no longer kept, and for as long as a later
     * commit could still get an earlier time.
     */
    static Consistency asOf(Instant time) {
        return new AsOfTime(time);
    }

    /** The newest acknowledged state. */
    record Linearizable() implements Consistency {
        private static final Linearizable INSTANCE = new Linearizable();
    }

    /**
     * Whatever its parts allow: each of them must hold.
     *
     * @param inSession at least what the session has written and seen
     * @param maxStaleness everything acknowledged up to this long before the server answers; null: no such bound
     * @param maxLag at most so many commits behind; null: no such bound
     * @param atLeast a session token that the answer covers; null: none
     */
    record Relaxed(
            boolean inSession,
            @Nullable Duration maxStaleness,
            @Nullable Long maxLag,
            @Nullable String atLeast) implements Consistency {

        private static final Relaxed SESSION = new Relaxed(true, null, null, null);
        private static final Relaxed EVENTUAL = new Relaxed(false, null, null, null);

        public Relaxed {
            if (maxStaleness != null && maxStaleness.isNegative()) {
                throw new IllegalArgumentException("max staleness: " + maxStaleness + " (expected: not negative)");
            }
            if (maxLag != null && maxLag < 0) {
                throw new IllegalArgumentException("max lag: " + maxLag + " (expected: not negative)");
            }
            if (atLeast != null) {
                Tokens.parse(atLeast);
            }
        }

        /**
         * And everything acknowledged to anyone up to this long before the server answers. Of several bounds the tightest holds. Zero
         * asks for a proof that begins after the request arrived. {@link Result#staleness()} also counts the way back.
         */
        public Relaxed maxStaleness(Duration bound) {
            Objects.requireNonNull(bound, "bound");
            boolean tighter = maxStaleness == null || bound.compareTo(maxStaleness) < 0;
            return tighter ? new Relaxed(inSession, bound, maxLag, atLeast) : this;
        }

        /**
         * And at most so many commits behind an index that was confirmed within the {@link #maxStaleness(Duration)}, or within a second
         * if there is none. Of several bounds the tightest holds.
         */
        public Relaxed maxLag(long commits) {
            boolean tighter = maxLag == null || commits < maxLag;
            return tighter ? new Relaxed(inSession, maxStaleness, commits, atLeast) : this;
        }

        /**
         * And at least what the token's session had seen. Of several tokens all hold.
         *
         * @throws InvalidRequestException if it is no token
         * @throws HistoryChangedException if it is of another history than one that was given before
         */
        public Relaxed atLeast(String token) {
            Objects.requireNonNull(token, "token");
            String all = atLeast == null
                    ? token
                    : Tokens.merge(Tokens.parse(atLeast), Tokens.parse(token)).text();
            return new Relaxed(inSession, maxStaleness, maxLag, all);
        }
    }

    /**
     * Exactly the state at an index.
     *
     * @param index of the history that the session is in
     */
    record AsOfIndex(long index) implements Consistency {
        public AsOfIndex {
            if (index < 0) {
                throw new IllegalArgumentException("as of index: " + index + " (expected: not negative)");
            }
        }
    }

    /**
     * Exactly the state at the newest index whose log time is not later.
     *
     * @param time in log time
     */
    record AsOfTime(Instant time) implements Consistency {
        public AsOfTime {
            Objects.requireNonNull(time, "time");
        }
    }
}
