// SPDX-License-Identifier: Apache-2.0
package io.tidemark.verify.history;

import io.grpc.Channel;
import io.grpc.Context;
import io.grpc.StatusRuntimeException;
import io.tidemark.proto.v1.ChangeKind;
import io.tidemark.proto.v1.KeyValueGrpc;
import io.tidemark.proto.v1.ValueForm;
import io.tidemark.proto.v1.WatchEvent;
import io.tidemark.proto.v1.WatchRequest;
import io.tidemark.proto.v1.WatchResponse;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Watches everything from index 1, at one server after the other, each time going on where it stood. Its own thread watches; what
 * it has is read under its lock.
 */
final class WatchRecorder implements AutoCloseable {

    private static final long PAUSE_MILLIS = 50;

    private final List<? extends Channel> servers;
    private final String historyId;
    private final Context.CancellableContext context = Context.ROOT.withCancellation();
    private final Thread thread = new Thread(context.wrap(this::watch), "watch");
    private final List<Change> changes = new ArrayList<>();
    // Of a commit that comes in fragments: it counts when it is complete.
    private final List<Change> pending = new ArrayList<>();
    private long through;
    private String lastFailure = "none";

    WatchRecorder(List<? extends Channel> servers, String historyId) {
        this.servers = List.copyOf(servers);
        this.historyId = historyId;
        thread.setDaemon(true);
    }

    void start() {
        thread.start();
    }

    /** Waits until everything up to the index has been told. */
    synchronized void awaitIndex(long index, long timeoutNanos) throws InterruptedException {
        long deadline = System.nanoTime() + timeoutNanos;
        while (through < index) {
            long left = deadline - System.nanoTime();
            if (left <= 0) {
                throw new AssertionError("the watch stands at index " + through + " (expected: " + index
                        + "); what ended its last stream: " + lastFailure);
            }
            TimeUnit.NANOSECONDS.timedWait(this, left);
        }
    }

    synchronized List<Change> changes() {
        return List.copyOf(changes);
    }

    synchronized long through() {
        return through;
    }

    /** Ends the watch; its thread is soon gone. */
    @Override
    public void close() {
        boolean unused = context.cancel(null);
        thread.interrupt();
    }

    private void watch() {
        for (int server = 0; !context.isCancelled(); server = (server + 1) % servers.size()) {
            try {
                Iterator<WatchResponse> responses = KeyValueGrpc.newBlockingStub(servers.get(server))
                        .watch(WatchRequest.newBuilder()
                                .setFromIndex(through() + 1)
                                .setHistoryId(historyId)
                                .setValueForm(ValueForm.VALUE_FORM_BYTES)
                                .build());
                while (responses.hasNext()) {
                    take(responses.next());
                }
            } catch (StatusRuntimeException e) {
                note(e);
            }
            try {
                TimeUnit.MILLISECONDS.sleep(PAUSE_MILLIS);
            } catch (InterruptedException e) {
                return;
            }
        }
    }

    private synchronized void note(StatusRuntimeException failure) {
        lastFailure = failure.toString();
        pending.clear();
    }

    private synchronized void take(WatchResponse response) {
        response.getEventsList().forEach(event -> pending.add(change(event)));
        if (response.hasFragment() && !response.getFragment().getLast()) {
            return;
        }
        changes.addAll(pending);
        pending.clear();
        through = Math.max(through, response.getThroughIndex());
        notifyAll();
    }

    private static Change change(WatchEvent event) {
        if (event.getKind() != ChangeKind.CHANGE_KIND_PUT) {
            throw new IllegalStateException("nothing in the history deletes, but there is: " + event);
        }
        return new Change(
                event.getIndex(),
                new RowName(event.getRow().getTable(), event.getRow().getKey()).toString(),
                event.getRow().getValue().getBytes().toStringUtf8(),
                event.getRow().getVersion());
    }
}
