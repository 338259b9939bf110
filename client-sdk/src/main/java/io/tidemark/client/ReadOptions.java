// SPDX-License-Identifier: Apache-2.0
package io.tidemark.client;

import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What one read asks for beside its keys. Immutable; what is not said is as the table or the client has it.
 *
 * <!-- snippet read-options -->
 * <pre>{@code
 * ReadOptions quick = ReadOptions.with(Consistency.eventual()).withDeadline(Duration.ofMillis(50));
 * GetResult<String> ann = users.get("ann", quick);
 * }</pre>
 */
public final class ReadOptions {

    private static final ReadOptions DEFAULTS = new ReadOptions(null, null, null, null, null, false, false);

    private final @Nullable Consistency consistency;
    private final @Nullable Session session;
    private final @Nullable Duration deadline;
    private final @Nullable Duration maxWait;
    private final @Nullable Boolean hedged;
    private final boolean serveUnmet;
    private final boolean withoutValues;

    private ReadOptions(
            @Nullable Consistency consistency,
            @Nullable Session session,
            @Nullable Duration deadline,
            @Nullable Duration maxWait,
            @Nullable Boolean hedged,
            boolean serveUnmet,
            boolean withoutValues) {
        this.consistency = consistency;
        this.session = session;
        this.deadline = deadline;
        this.maxWait = maxWait;
        this.hedged = hedged;
        this.serveUnmet = serveUnmet;
        this.withoutValues = withoutValues;
    }

    /** Everything as the table or the client has it. */
    public static ReadOptions defaults() {
        return DEFAULTS;
    }

    /** How fresh it must be, and everything else as the table or the client has it. */
    public static ReadOptions with(Consistency consistency) {
        return DEFAULTS.withConsistency(consistency);
    }

    /** How fresh it must be. */
    public ReadOptions withConsistency(Consistency consistency) {
        Objects.requireNonNull(consistency, "consistency");
        return new ReadOptions(consistency, session, deadline, maxWait, hedged, serveUnmet, withoutValues);
    }

    /** Whose reads and writes it must cover, and who has seen its answer from then on. */
    public ReadOptions withSession(Session session) {
        Objects.requireNonNull(session, "session");
        return new ReadOptions(consistency, session, deadline, maxWait, hedged, serveUnmet, withoutValues);
    }

    /** When it fails at the latest, counted from its beginning, whatever is tried in between. */
    public ReadOptions withDeadline(Duration deadline) {
        Durations.requirePositive("deadline", deadline);
        return new ReadOptions(consistency, session, deadline, maxWait, hedged, serveUnmet, withoutValues);
    }

    /**
     * How long a server may wait until it can prove what is asked. Zero: it must be so already. Unless said: until shortly before the
     * deadline. While another server can be asked, none waits for longer than until that is done: half a second for the first.
     */
    public ReadOptions withMaxWait(Duration maxWait) {
        Durations.requireNotNegative("max wait", maxWait);
        return new ReadOptions(consistency, session, deadline, maxWait, hedged, serveUnmet, withoutValues);
    }

    /** Whether it may be sent to a second server when the first is slower than usual. */
    public ReadOptions withHedging(boolean hedged) {
        return new ReadOptions(consistency, session, deadline, maxWait, hedged, serveUnmet, withoutValues);
    }

    /**
     * Answer with what is there when what is asked cannot be proven in time, instead of failing. {@link Result#unmet()} then says what
     * is missing.
     */
    public ReadOptions withServeUnmet() {
        return new ReadOptions(consistency, session, deadline, maxWait, hedged, true, withoutValues);
    }

    /** Rows without their values: whether they are there, their versions, indexes and times. */
    public ReadOptions withoutValues() {
        return new ReadOptions(consistency, session, deadline, maxWait, hedged, serveUnmet, true);
    }

    /** As {@link #withConsistency}. */
    public Optional<Consistency> consistency() {
        return Optional.ofNullable(consistency);
    }

    /** As {@link #withSession}. */
    public Optional<Session> session() {
        return Optional.ofNullable(session);
    }

    /** As {@link #withDeadline}. */
    public Optional<Duration> deadline() {
        return Optional.ofNullable(deadline);
    }

    /** As {@link #withMaxWait}. */
    public Optional<Duration> maxWait() {
        return Optional.ofNullable(maxWait);
    }

    /** As {@link #withHedging}. */
    public Optional<Boolean> hedged() {
        return Optional.ofNullable(hedged);
    }

    /** As {@link #withServeUnmet}. */
    public boolean serveUnmet() {
        return serveUnmet;
    }

    /** Whether rows come with their values: unless {@link #withoutValues} was said. */
    public boolean values() {
        return !withoutValues;
    }
}
