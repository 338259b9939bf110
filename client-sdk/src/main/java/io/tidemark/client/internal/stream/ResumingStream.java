// SPDX-License-Identifier: Apache-2.0
package io.tidemark.client.internal.stream;

import io.grpc.SynchronizationContext;
import io.tidemark.client.DeadlineExceededException;
import io.tidemark.client.Failure;
import io.tidemark.client.OverloadedException;
import io.tidemark.client.TidemarkException;
import io.tidemark.client.TooStaleException;
import io.tidemark.client.UnavailableException;
import io.tidemark.client.internal.dispatch.CallContext;
import io.tidemark.client.internal.dispatch.Dispatcher;
import io.tidemark.client.internal.dispatch.Dispatcher.Peer;
import io.tidemark.client.internal.dispatch.Dispatcher.StreamHandle;
import io.tidemark.client.internal.dispatch.Dispatcher.StreamReceiver;
import io.tidemark.client.internal.time.Timers;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A stream that goes on when its server does not: each attempt asks for what its {@link Course} has not received yet.
 *
 * <p>All state but {@link #starved} is owned by {@link #turns}, a queue that whichever thread comes first works off: the dispatcher's,
 * a timer's, the consumer's. Nothing in it blocks. What an attempt still says after it was given up is ignored.
 *
 * <ul>
 *   <li>Messages are asked for only while the course has room, {@value #AHEAD} at a time: so much may come beyond what fits.
 *   <li>Silence counts from the last message, or from when the first was asked for after a time without room: whoever takes nothing
 *       cannot blame the server.
 *   <li>Without room no attempt is begun.
 * </ul>
 */
public final class ResumingStream<Q, A> {

    private static final int AHEAD = 2;

    /** The end of an attempt is up to us, not to a deadline. */
    private static final Duration ATTEMPT_MAX = Duration.ofDays(365);

    private final Course<Q, A> course;
    private final StreamServices services;
    private final Dispatcher dispatcher;
    private final SynchronizationContext turns = new SynchronizationContext((thread, bug) -> endWithBug(bug));

    /** Whether {@link #roomCame} has something to do when there is room. */
    private volatile boolean starved;

    private @Nullable Attempt attempt;
    private Timers.@Nullable Pending pause;
    private boolean begun;
    private boolean over;
    /** Attempts in a row that did not last. */
    private int failures;
    /** Whom they failed at: others are asked first. */
    private final Set<String> aside = new LinkedHashSet<>();
    /** When something was last heard, or asked for after a time without room. */
    private long quietSince;

    /** Nothing is asked for, because there is no room. */
    private boolean held;

    private @Nullable TidemarkException lastFailure;

    public ResumingStream(Course<Q, A> course, StreamServices services) {
        this.course = course;
        this.services = services;
        this.dispatcher = services.dispatcher();
    }

    /** Begins, after a pause. Once; from any thread. */
    public void start(Duration after) {
        turns.execute(this::enrol);
        turns.execute(() -> {
            quietSince = dispatcher.nanoTime();
            if (after.isZero()) {
                begin();
            } else if (!over) {
                pause = after(after, this::begin);
            }
        });
    }

    /** Whoever ended it before it began ended it for good. */
    private void enrol() {
        if (!over) {
            services.open().add(this);
        }
    }

    /** There may be room again. From any thread; cheap where nothing waits for it. */
    public void roomCame() {
        if (starved) {
            turns.execute(() -> {
                if (attempt != null) {
                    attempt.ask();
                } else if (pause == null && begun) {
                    begin();
                }
            });
        }
    }

    /**
     * Ends it, and the server's side with it. From any thread; does nothing where it is over.
     *
     * @param why null: nobody wants more
     */
    public void end(@Nullable TidemarkException why) {
        turns.execute(() -> finish(why));
    }

    private void begin() {
        if (over) {
            return;
        }
        begun = true;
        pause = null;
        // Before the look, so that room which comes in between is not missed.
        starved = true;
        if (!course.hasRoom()) {
            held = true;
            return;
        }
        Attempt next = new Attempt();
        attempt = next;
        next.begin();
    }

    private void broke(Attempt ended, Verdict verdict, @Nullable TidemarkException failure) {
        attempt = null;
        ended.stopWatching();
        if (over) {
            return;
        }
        lastFailure = failure == null ? lastFailure : failure;
        long lasted = dispatcher.nanoTime() - ended.began;
        failures = lasted >= services.steady().toNanos() ? 1 : failures + 1;
        putAside(ended, verdict);
        if (verdict instanceof Verdict.End end) {
            finish(end.failure());
        } else if (verdict instanceof Verdict.AfterPause afterPause) {
            pause(afterPause.atLeast());
        } else if (failures == 1) {
            begin();
        } else {
            pause(Duration.ZERO);
        }
    }

    /** Where it goes on at once, nothing speaks against the server, unless it does so again. */
    private void putAside(Attempt ended, Verdict verdict) {
        if (failures == 1) {
            aside.clear();
        }
        if (ended.address == null || (failures == 1 && verdict instanceof Verdict.AtOnce)) {
            return;
        }
        if (!aside.add(ended.address)) {
            // It was asked all the same: nobody is left who has not failed.
            aside.clear();
            aside.add(ended.address);
        }
    }

    private void pause(Duration atLeast) {
        Duration drawn = services.backoff().pause(failures);
        Duration length = drawn.compareTo(atLeast) > 0 ? drawn : atLeast;
        Duration patience = course.patience();
        if (patience != null && quiet().plus(length).compareTo(patience) >= 0) {
            finish(impatient(patience));
            return;
        }
        pause = after(length, this::begin);
    }

    private Timers.Pending after(Duration delay, Runnable turn) {
        return dispatcher.timers().at(dispatcher.nanoTime() + delay.toNanos(), () -> turns.execute(turn));
    }

    private void finish(@Nullable TidemarkException why) {
        if (over) {
            return;
        }
        over = true;
        starved = false;
        if (attempt != null) {
            attempt.cancel();
            attempt = null;
        }
        if (pause != null) {
            pause.cancel();
            pause = null;
        }
        services.open().remove(this);
        course.over(why);
    }

    private void endWithBug(Throwable bug) {
        turns.execute(() -> finish(
                new UnavailableException(new Failure(course.name() + ": the client failed: " + bug, "INTERNAL"), bug)));
    }

    /** For how long there was no message, although there was room for one. */
    private Duration quiet() {
        return held ? Duration.ZERO : Duration.ofNanos(dispatcher.nanoTime() - quietSince);
    }

    /** The failure of the last attempt says more than that time is up. */
    private TidemarkException impatient(Duration patience) {
        TidemarkException last = lastFailure;
        if (last instanceof TooStaleException || last instanceof OverloadedException) {
            return last;
        }
        return new DeadlineExceededException(
                new Failure(
                        course.name() + ": no server sent anything for " + patience.toMillis() + " ms"
                                + (last == null
                                        ? ""
                                        : "; the last attempt: "
                                                + last.failure().message()),
                        "DEADLINE_PASSED",
                        Map.of(),
                        last == null ? List.of() : last.attempts()),
                last);
    }

    /** One time that the stream is asked for, at one server. */
    private final class Attempt implements StreamReceiver<A> {

        private final long began = dispatcher.nanoTime();
        private @Nullable StreamHandle handle;
        private Timers.@Nullable Pending watching;
        /** Messages asked for that have not come. */
        private int asked;

        private boolean opened;
        /** Null: nobody could be asked. */
        private @Nullable String address;

        void begin() {
            Q request = course.request();
            CallContext call = new CallContext(course.name(), began + ATTEMPT_MAX.toNanos(), false);
            handle = dispatcher.stream(
                    course.method(),
                    peer -> {
                        address = peer.address();
                        return request;
                    },
                    course.target(),
                    List.copyOf(aside),
                    call,
                    this);
            ask();
        }

        void ask() {
            starved = true;
            int more = 0;
            while (asked < AHEAD && course.hasRoom()) {
                asked++;
                more++;
            }
            starved = asked < AHEAD;
            hold(asked == 0);
            if (more > 0 && handle != null) {
                handle.request(more);
            }
            if (watching == null && asked > 0) {
                watch();
            }
        }

        private void hold(boolean nothingAsked) {
            if (held && !nothingAsked) {
                quietSince = dispatcher.nanoTime();
            }
            held = nothingAsked;
        }

        private Duration silence() {
            Duration lasted = Duration.ofNanos(dispatcher.nanoTime() - began);
            return lasted.compareTo(quiet()) < 0 ? lasted : quiet();
        }

        private void watch() {
            Duration left = course.silenceMax(opened).minus(silence());
            Duration patience = course.patience();
            if (patience != null && patience.minus(quiet()).compareTo(left) < 0) {
                left = patience.minus(quiet());
            }
            Duration delay = left.isNegative() || left.isZero() ? Duration.ofNanos(1) : left;
            watching = after(delay, this::look);
        }

        private void look() {
            if (attempt != this) {
                return;
            }
            watching = null;
            if (asked == 0) {
                return;
            }
            Duration silence = silence();
            Duration patience = course.patience();
            if (patience != null && quiet().compareTo(patience) >= 0) {
                leave();
                course.failed(silent(silence));
                attempt = null;
                finish(impatient(patience));
            } else if (silence.compareTo(course.silenceMax(opened)) >= 0) {
                leave();
                TidemarkException failure = silent(silence);
                broke(this, course.failed(failure), failure);
            } else {
                watch();
            }
        }

        private TidemarkException silent(Duration silence) {
            return new UnavailableException(
                    new Failure(
                            course.name() + ": " + address + " sent nothing for " + silence.toMillis() + " ms",
                            "SILENT_SERVER"),
                    null);
        }

        /** Nobody wants more. */
        void cancel() {
            stopWatching();
            if (handle != null) {
                handle.cancel();
            }
        }

        /** It is of no use. */
        private void leave() {
            stopWatching();
            if (handle != null) {
                handle.giveUp();
            }
        }

        void stopWatching() {
            if (watching != null) {
                watching.cancel();
                watching = null;
            }
        }

        @Override
        public void received(A message, Peer from, long sentNanos) {
            turns.execute(() -> {
                if (attempt != this) {
                    return;
                }
                asked--;
                quietSince = dispatcher.nanoTime();
                boolean first = !opened;
                opened = true;
                if (first) {
                    // Less silence may be allowed from now on.
                    stopWatching();
                }
                take(message, first, from.address(), sentNanos);
            });
        }

        private void take(A message, boolean first, String from, long sentNanos) {
            try {
                course.received(message, first, from, sentNanos);
            } catch (OffCourseException e) {
                leave();
                TidemarkException failure = new UnavailableException(
                        new Failure(
                                course.name() + ": " + from + " sent what the contract does not allow: "
                                        + e.getMessage(),
                                "OFF_COURSE"),
                        e);
                broke(this, course.failed(failure), failure);
                return;
            } catch (TidemarkException e) {
                finish(e);
                return;
            }
            ask();
        }

        @Override
        public void ended() {
            turns.execute(() -> {
                if (attempt == this) {
                    broke(this, course.ended(), null);
                }
            });
        }

        @Override
        public void failed(Throwable failure) {
            turns.execute(() -> {
                if (attempt == this) {
                    TidemarkException known = failure instanceof TidemarkException told
                            ? told
                            : new UnavailableException(
                                    new Failure(course.name() + ": " + failure, "INTERNAL"), failure);
                    broke(this, course.failed(known), known);
                }
            });
        }
    }
}
