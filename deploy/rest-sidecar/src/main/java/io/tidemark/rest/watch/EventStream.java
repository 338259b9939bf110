// SPDX-License-Identifier: Apache-2.0
package io.tidemark.rest.watch;

import com.linecorp.armeria.common.HttpData;
import com.linecorp.armeria.common.HttpHeaderNames;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.HttpResponseWriter;
import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.common.MediaType;
import com.linecorp.armeria.common.ResponseHeaders;
import com.linecorp.armeria.server.ServiceRequestContext;
import io.netty.channel.EventLoop;
import io.tidemark.rest.http.Problem;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Events on their way to one reader (server-sent events), no faster than it reads: while more is under way to it than may be, {@link #pace} runs
 * nothing, so that whoever produces events there waits. So it is while anything is under way to it and all readers together have left unread
 * what they may. A reader that takes nothing for too long is told so, and cut off.
 *
 * <p>Everything here belongs to the event loop of its connection; {@link #end} and {@link #pace} are for any thread.
 */
final class EventStream {

    /** What a reader that was cut off has left to take the event that says so. */
    private static final Duration LAST_WORD = Duration.ofSeconds(5);

    private final HttpResponseWriter response = HttpResponse.streaming();
    private final EventLoop loop;
    private final Watchers watchers;
    private final long bytesMax;
    private final Duration stallMax;
    private final ArrayDeque<Runnable> waiting = new ArrayDeque<>();

    private long bytesUnderWay;
    private boolean awaitsReader;
    private boolean isWatched;
    private long readNanos;
    private boolean begun;
    private boolean ended;

    EventStream(ServiceRequestContext context, Watchers watchers, long bytesMax, Duration stallMax) {
        this.watchers = watchers;
        this.loop = context.eventLoop().withoutContext();
        this.bytesMax = bytesMax;
        this.stallMax = stallMax;
        context.clearRequestTimeout();
        // A reader may be gone before the stream is its answer.
        var unused = context.log().whenComplete().thenRun(() -> response.abort());
        var unusedToo = response.whenComplete().handle((done, failure) -> {
            loop.execute(this::read);
            return null;
        });
    }

    /** To the reader. */
    HttpResponseWriter response() {
        return response;
    }

    /** Where its events are produced. */
    Executor pace() {
        return task -> loop.execute(() -> {
            waiting.add(task);
            run();
        });
    }

    /** On the event loop: begins. */
    void begin(Duration retry) {
        begun = true;
        response.write(ResponseHeaders.builder(HttpStatus.OK)
                .contentType(MediaType.EVENT_STREAM)
                .set(HttpHeaderNames.CACHE_CONTROL, "no-store")
                .set("x-accel-buffering", "no")
                .build());
        write("retry: " + retry.toMillis() + "\n\n");
    }

    /** On the event loop: says now and then that nothing happened, by which proxies and readers know that it lives. */
    void beat(Duration every) {
        ScheduledFuture<?> beats = loop.scheduleAtFixedRate(
                () -> {
                    // Whoever reads nothing is not told that there is nothing.
                    if (!awaitsReader) {
                        write(": nothing new\n\n");
                    }
                },
                every.toMillis(),
                every.toMillis(),
                TimeUnit.MILLISECONDS);
        var unused = response.whenComplete().handle((done, failure) -> beats.cancel(false));
    }

    /**
     * On the event loop: an event.
     *
     * @param id where to go on behind it; null: as before
     */
    void event(String name, @Nullable String id, String data) {
        StringBuilder text = new StringBuilder(data.length() + 96);
        if (id != null) {
            text.append("id: ").append(id).append('\n');
        }
        text.append("event: ").append(name).append('\n');
        data.lines().forEach(line -> text.append("data: ").append(line).append('\n'));
        write(text.append('\n').toString());
    }

    /** The last event, which says why. A stream that has not begun breaks off: whoever makes it answers otherwise. */
    void end(Problem why) {
        loop.execute(() -> {
            if (!begun) {
                ended = true;
                response.abort();
            } else if (!ended) {
                event("end", null, why.toJson());
                ended = true;
                response.close();
                var unused = loop.schedule(() -> response.abort(), LAST_WORD.toMillis(), TimeUnit.MILLISECONDS);
            }
        });
    }

    private void write(String text) {
        HttpData data = HttpData.ofUtf8(text);
        if (ended || !response.tryWrite(data)) {
            return;
        }
        bytesUnderWay += data.length();
        watchers.unread(data.length());
        if (!awaitsReader) {
            awaitsReader = true;
            readNanos = System.nanoTime();
            var unused = response.whenConsumed().thenRun(() -> loop.execute(this::read));
        }
        if (mustBeRead()) {
            watchReader();
        }
    }

    private void read() {
        awaitsReader = false;
        watchers.unread(-bytesUnderWay);
        bytesUnderWay = 0;
        readNanos = System.nanoTime();
        run();
    }

    private void run() {
        while (!ended && !mustBeRead()) {
            Runnable next = waiting.poll();
            if (next == null) {
                return;
            }
            next.run();
        }
        if (!ended) {
            watchReader();
        }
    }

    /** Whether nothing more is written until the reader has taken what is under way. */
    private boolean mustBeRead() {
        return bytesUnderWay >= bytesMax || (bytesUnderWay > 0 && watchers.areFull());
    }

    private void watchReader() {
        if (!isWatched) {
            isWatched = true;
            var unused = loop.schedule(this::cutOffIfStalled, stallMax.toNanos(), TimeUnit.NANOSECONDS);
        }
    }

    private void cutOffIfStalled() {
        isWatched = false;
        if (ended || !mustBeRead()) {
            return;
        }
        long stalled = System.nanoTime() - readNanos;
        if (stalled < stallMax.toNanos()) {
            isWatched = true;
            var unused = loop.schedule(this::cutOffIfStalled, stallMax.toNanos() - stalled, TimeUnit.NANOSECONDS);
            return;
        }
        end(Problem.of(
                429,
                "WATCHER_TOO_SLOW",
                "the reader took nothing for " + stallMax.toMillis() + " ms; go on from the last id, and read faster"));
    }
}
