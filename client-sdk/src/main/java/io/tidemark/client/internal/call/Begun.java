// SPDX-License-Identifier: Apache-2.0
package io.tidemark.client.internal.call;

import io.tidemark.client.ClientObserver.CallEnd;
import io.tidemark.client.ClientObserver.CallName;
import io.tidemark.client.Header;
import io.tidemark.client.TidemarkException;
import io.tidemark.client.internal.dispatch.CallContext;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.CancellationException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** A call that has begun: what the dispatcher is given with it, when that was, and who wants to hear how it ends. */
public final class Begun {

    private final CallContext context;
    private final Moment moment;
    private final Moment.Clock clock;
    private final String consistency;
    private final @Nullable Observations observations;
    private final Object @Nullable [] told;

    Begun(CallContext context, String consistency, Moment.Clock clock, @Nullable Observations observations) {
        this.context = context;
        this.moment = clock.now();
        this.clock = clock;
        this.consistency = consistency;
        this.observations = observations;
        this.told = observations == null ? null : observations.begins(name());
    }

    public CallContext context() {
        return context;
    }

    /** When it began. */
    public Moment moment() {
        return moment;
    }

    /** Hands it to the dispatcher. */
    public <A> A handOver(Supplier<A> send) {
        return observations == null || told == null ? send.get() : observations.handOver(told, send);
    }

    /** It ended well. */
    public void ended(String outcome, @Nullable Header header) {
        end(outcome, header, null);
    }

    /** It failed. */
    public void failed(Throwable failure) {
        if (observations != null) {
            end(outcomeOf(failure), null, failure);
        }
    }

    private void end(String outcome, @Nullable Header header, @Nullable Throwable failure) {
        if (observations != null && told != null) {
            Duration took = Duration.ofNanos(clock.now().nanos() - moment.nanos());
            observations.ended(told, new CallEnd(name(), outcome, took, header, failure));
        }
    }

    private CallName name() {
        return new CallName(context.method(), consistency);
    }

    /** {@code TooStaleException} is {@code too_stale}. */
    private static String outcomeOf(Throwable failure) {
        if (failure instanceof CancellationException) {
            return "cancelled";
        }
        if (!(failure instanceof TidemarkException)) {
            return "failed";
        }
        String name = failure.getClass().getSimpleName().replace("Exception", "");
        return name.replaceAll("(?<=[a-z])(?=[A-Z])", "_").toLowerCase(Locale.ROOT);
    }
}
