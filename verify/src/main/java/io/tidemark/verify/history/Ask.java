// SPDX-License-Identifier: Apache-2.0
package io.tidemark.verify.history;

import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * What a read asked for. The asks combine, as {@code ReadOptions} of the contract says.
 *
 * @param base what it stands on
 * @param floor at least this index
 * @param maxStaleness everything acknowledged up to this long before the answer
 * @param maxLag at most this many commits behind an index confirmed within {@code maxStaleness}, or 1 s
 * @param serve what is not met may be served, if the answer says so
 */
public record Ask(
        Base base, Optional<Floor> floor, Optional<Duration> maxStaleness, OptionalLong maxLag, boolean serve) {

    /** The staleness within which the index was confirmed that a lag counts from, if the read names none. */
    static final Duration LAG_STALENESS = Duration.ofSeconds(1);

    /** What a read stands on. */
    public sealed interface Base {}

    /** Some state. */
    public record Eventual() implements Base {}

    /** What the bounds say, which must be there. */
    public record Bounded() implements Base {}

    /** The newest acknowledged state. */
    public record Linearizable() implements Base {}

    /** Exactly that state. */
    public record AsOf(long index) implements Base {}

    /**
     * At least this index.
     *
     * @param session it is the newest that this client knew, and travels in a session token; else in {@code min_index}
     */
    public record Floor(long index, boolean session) {}

    public static Ask of(Base base) {
        return new Ask(base, Optional.empty(), Optional.empty(), OptionalLong.empty(), false);
    }

    public static Ask fresh(Duration maxStaleness) {
        return new Ask(new Bounded(), Optional.empty(), Optional.of(maxStaleness), OptionalLong.empty(), false);
    }

    public static Ask near(long maxLag) {
        return new Ask(new Bounded(), Optional.empty(), Optional.empty(), OptionalLong.of(maxLag), false);
    }

    public Ask atLeast(long index, boolean session) {
        return new Ask(base, Optional.of(new Floor(index, session)), maxStaleness, maxLag, serve);
    }

    public Ask orServe() {
        return new Ask(base, floor, maxStaleness, maxLag, true);
    }

    boolean isSession() {
        return floor.map(Floor::session).orElse(false);
    }

    /** Any state will do: it must not be refused for being stale. */
    boolean asksNothing() {
        return base instanceof Eventual && floor.isEmpty() && maxStaleness.isEmpty() && maxLag.isEmpty();
    }

    /** In a word or two, to count by. */
    public String kind() {
        return base.getClass().getSimpleName()
                + (isSession() ? "+session" : floor.isPresent() ? "+floor" : "")
                + (maxStaleness.isPresent() ? "+staleness" : "")
                + (maxLag.isPresent() ? "+lag" : "")
                + (serve ? "+serve" : "");
    }
}
