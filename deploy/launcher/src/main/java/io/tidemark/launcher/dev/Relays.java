// SPDX-License-Identifier: Apache-2.0
package io.tidemark.launcher.dev;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/**
 * Relays of TCP connections, all on one thread, which owns them. Thread-safe: what is asked for has happened when a call returns.
 */
final class Relays implements AutoCloseable {

    /** Something that is told when its channel is ready. */
    interface Ready {
        void ready(SelectionKey key);
    }

    /** What is to be done on the thread. */
    interface Task {
        void run() throws IOException;
    }

    private final Selector selector;
    private final Thread thread;

    /** Its monitor guards it. */
    private final Queue<Runnable> tasks = new ArrayDeque<>();

    /** Of the thread. */
    private final List<Relay> relays = new ArrayList<>();

    private volatile boolean closed;

    private Relays(Selector selector) {
        this.selector = selector;
        this.thread = new Thread(this::run, "relays");
        this.thread.setDaemon(true);
    }

    static Relays open() throws IOException {
        Relays relays = new Relays(Selector.open());
        relays.thread.start();
        return relays;
    }

    /** A relay that does not listen yet. */
    Relay add(InetSocketAddress at, InetSocketAddress target) throws IOException {
        Relay relay = new Relay(selector, at, target);
        perform(() -> relays.add(relay));
        return relay;
    }

    /** Does something to relays. */
    void perform(Task task) throws IOException {
        CompletableFuture<Void> done = new CompletableFuture<>();
        synchronized (tasks) {
            if (closed) {
                throw new IOException("the relays are closed");
            }
            tasks.add(() -> {
                try {
                    task.run();
                    done.complete(null);
                } catch (IOException | RuntimeException e) {
                    done.completeExceptionally(e);
                }
            });
        }
        selector.wakeup();
        try {
            done.join();
        } catch (CompletionException e) {
            if (e.getCause() instanceof IOException failure) {
                throw failure;
            }
            if (e.getCause() instanceof RuntimeException failure) {
                throw failure;
            }
            throw e;
        }
    }

    private void run() {
        try {
            while (!closed) {
                int unused = selector.select(Relays::tell);
                runTasks();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            closed = true;
            runTasks();
            relays.forEach(Relay::close);
        }
    }

    private void runTasks() {
        while (true) {
            Runnable task;
            synchronized (tasks) {
                task = tasks.poll();
            }
            if (task == null) {
                return;
            }
            task.run();
        }
    }

    private static void tell(SelectionKey key) {
        if (key.isValid()) {
            ((Ready) key.attachment()).ready(key);
        }
    }

    /** Ends every connection. */
    @Override
    public void close() throws IOException {
        synchronized (tasks) {
            closed = true;
        }
        selector.wakeup();
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        selector.close();
    }
}
