// SPDX-License-Identifier: Apache-2.0
package io.tidemark.client.internal.watch;

import io.tidemark.client.HistoryChangedException;
import io.tidemark.client.HorizonPassedException;
import io.tidemark.client.TidemarkException;
import io.tidemark.client.WatchEvent;
import io.tidemark.client.internal.dispatch.ReadAsk;
import io.tidemark.client.internal.session.Seen;
import io.tidemark.client.internal.stream.Buffer;
import io.tidemark.client.internal.stream.Course;
import io.tidemark.client.internal.stream.ResumingStream;
import io.tidemark.client.internal.stream.StreamServices;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What a watch does one after the other: read what is there, where that is asked for, then tell what changes; and when history is lost,
 * from the start again. One stream is under way at a time; the last thing that it does is to begin the next.
 */
public final class Watching {

    private final WatchSpec spec;
    private final Seen seen;
    private final StreamServices services;
    private final Buffer<Signal> buffer;

    /** How often history was lost without a watch that stood in between. Owned by whichever stream is under way. */
    private int losses;

    /** How fresh the next snapshot must be; null: none is asked for. Owned likewise. */
    private @Nullable ReadAsk snapshotAsk;

    // Guarded by this.
    private @Nullable ResumingStream<?, ?> current;
    private boolean closed;

    /** @param snapshotAsk how fresh a snapshot must be, where one is asked for */
    public Watching(WatchSpec spec, @Nullable ReadAsk snapshotAsk, Seen seen, StreamServices services) {
        this.spec = spec;
        this.snapshotAsk = snapshotAsk;
        this.seen = seen;
        this.services = services;
        this.buffer = new Buffer<>(spec.bufferBytes());
        buffer.onRoom(this::roomCame);
    }

    public Buffer<Signal> buffer() {
        return buffer;
    }

    public void start() {
        if (snapshotAsk == null) {
            watch(spec.after());
        } else {
            readAnew(snapshotAsk, Duration.ZERO);
        }
    }

    /** Ends it. From any thread. */
    public void close() {
        ResumingStream<?, ?> open;
        synchronized (this) {
            closed = true;
            open = current;
        }
        if (open != null) {
            open.end(null);
        }
    }

    private void roomCame() {
        ResumingStream<?, ?> open;
        synchronized (this) {
            open = current;
        }
        if (open != null) {
            open.roomCame();
        }
    }

    private void watch(@Nullable Place from) {
        go(new WatchCourse(spec, from, seen, buffer, this::stood, this::watchOver), Duration.ZERO);
    }

    private void readAnew(ReadAsk ask, Duration pause) {
        Snapshot snapshot = new Snapshot(spec.scans(), ask, buffer, this::snapshotOver, this::go);
        snapshot.start(pause);
    }

    private void go(Course<?, ?> course, Duration pause) {
        ResumingStream<?, ?> next = new ResumingStream<>(course, services);
        boolean late;
        synchronized (this) {
            current = next;
            late = closed;
        }
        if (late) {
            buffer.end(null);
        } else {
            next.start(pause);
        }
    }

    private void stood() {
        losses = 0;
    }

    private void snapshotOver(@Nullable Place read, @Nullable TidemarkException failure) {
        if (read != null && failure == null) {
            watch(read);
        } else {
            watchOver(failure);
        }
    }

    private void watchOver(@Nullable TidemarkException failure) {
        if (failure instanceof HorizonPassedException || failure instanceof HistoryChangedException) {
            historyLost(failure);
        } else {
            buffer.end(failure);
        }
    }

    private void historyLost(TidemarkException failure) {
        buffer.put(new Signal.Notice(new WatchEvent.HistoryLost<>(failure)), Signal.Notice.BYTES);
        ReadAsk ask = snapshotAsk;
        if (ask == null) {
            buffer.end(failure);
            return;
        }
        if (failure instanceof HistoryChangedException) {
            // What was seen before may not have happened in the history that is now.
            ask = withoutHistory(ask);
            snapshotAsk = ask;
        }
        losses++;
        readAnew(ask, losses == 1 ? Duration.ZERO : services.backoff().pause(losses - 1));
    }

    private static ReadAsk withoutHistory(ReadAsk ask) {
        return new ReadAsk(ask.base(), ask.maxStaleness(), ask.maxLag(), 0, "", ask.maxWait(), ask.serveUnmet());
    }
}
