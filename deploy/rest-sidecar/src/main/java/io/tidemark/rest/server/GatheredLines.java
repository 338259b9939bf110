// SPDX-License-Identifier: Apache-2.0
package io.tidemark.rest.server;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongFunction;

/**
 * Lines on their way to a stream: all that came within a moment go there by one call of the operating system, which costs more than the
 * lines do. Nobody waits for the stream: what does not fit in memory is left out, and counted in a line of its own.
 *
 * <p>For any thread; the stream belongs to the writer's.
 */
final class GatheredLines implements AutoCloseable {

    private static final Duration MOMENT = Duration.ofMillis(5);

    private final PrintStream to;
    private final int bytesMax;
    private final LongFunction<String> leftOutLine;
    private final Thread writer;

    private ByteArrayOutputStream waiting = new ByteArrayOutputStream();
    private long leftOut;
    private boolean closed;

    /**
     * @param bytesMax how much may wait
     * @param leftOutLine says how many lines are missing
     */
    GatheredLines(PrintStream to, int bytesMax, LongFunction<String> leftOutLine) {
        this.to = to;
        this.bytesMax = bytesMax;
        this.leftOutLine = leftOutLine;
        this.writer = new Thread(this::write, "access-log");
        writer.setDaemon(true);
        writer.start();
    }

    /** A line, with its end. */
    void add(String line) {
        byte[] bytes = line.getBytes(StandardCharsets.UTF_8);
        synchronized (this) {
            if (closed || waiting.size() + bytes.length > bytesMax) {
                leftOut++;
                return;
            }
            if (waiting.size() == 0) {
                notifyAll();
            }
            waiting.writeBytes(bytes);
        }
    }

    private void write() {
        ByteArrayOutputStream written = new ByteArrayOutputStream();
        while (true) {
            long missing;
            synchronized (this) {
                while (waiting.size() == 0 && leftOut == 0 && !closed) {
                    try {
                        wait();
                    } catch (InterruptedException e) {
                        return;
                    }
                }
                if (waiting.size() == 0 && leftOut == 0) {
                    return;
                }
                ByteArrayOutputStream gathered = waiting;
                waiting = written;
                written = gathered;
                missing = leftOut;
                leftOut = 0;
            }
            if (missing > 0) {
                written.writeBytes(leftOutLine.apply(missing).getBytes(StandardCharsets.UTF_8));
            }
            to.write(written.toByteArray(), 0, written.size());
            to.flush();
            written.reset();
            LockSupport.parkNanos(MOMENT.toNanos());
        }
    }

    /** Writes what waits, unless the stream takes it not within a second. */
    @Override
    public void close() {
        synchronized (this) {
            closed = true;
            notifyAll();
        }
        LockSupport.unpark(writer);
        try {
            writer.join(Duration.ofSeconds(1).toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
