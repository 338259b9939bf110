// SPDX-License-Identifier: Apache-2.0
package io.tidemark.server.call;

import io.grpc.stub.ServerCallStreamObserver;
import io.tidemark.api.ErrorStatus;
import io.tidemark.proto.v1.ErrorReason;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * The serving side of a call, whose caller takes as many messages as a test allows: all, unless it says otherwise. What the caller does
 * is done on the test's thread; messages may come from another one, and what is seen of them is then up to the test.
 */
public class FakeServerCall<A> extends ServerCallStreamObserver<A> {

    public final List<A> messages = new ArrayList<>();

    private final AtomicLong room;
    private volatile boolean cancelled;
    private volatile boolean completed;
    private volatile @Nullable Throwable error;
    private final AtomicInteger requested = new AtomicInteger();
    private volatile boolean autoRequest = true;
    private Runnable onReady = () -> {};
    private Runnable onCancel = () -> {};
    private Runnable onClose = () -> {};

    public FakeServerCall() {
        this(Long.MAX_VALUE);
    }

    /** @param room how many messages the caller takes */
    public FakeServerCall(long room) {
        this.room = new AtomicLong(room);
    }

    /** Something came for the caller. */
    protected void received(A message) {}

    /** The call has ended. */
    protected void ended() {}

    // What the caller does.

    /** Takes so many messages more. */
    public void allow(int more) {
        boolean wasReady = isReady();
        room.addAndGet(more);
        if (!wasReady && isReady()) {
            onReady.run();
        }
    }

    /** Takes no more messages. */
    public void takeNothing() {
        room.set(0);
    }

    /** Goes away. */
    public void cancel() {
        cancelled = true;
        onCancel.run();
    }

    // What it has.

    public A last() {
        return messages.get(messages.size() - 1);
    }

    public boolean isCompleted() {
        return completed;
    }

    public boolean hasFailed() {
        return error != null;
    }

    public Throwable failure() {
        Throwable told = error;
        if (told == null) {
            throw new AssertionError("the call has not failed");
        }
        return told;
    }

    public ErrorStatus error() {
        return ErrorStatus.from(failure()).orElseThrow(() -> new AssertionError("no error of ours", failure()));
    }

    public ErrorReason reason() {
        return error().reason();
    }

    /** How many requests the server has asked for and not been given. */
    public int requested() {
        return requested.get();
    }

    /** The caller has sent one. */
    public void sent() {
        requested.decrementAndGet();
    }

    public boolean isAutoRequest() {
        return autoRequest;
    }

    // What the server does.

    @Override
    public void onNext(A message) {
        requireOpen();
        messages.add(message);
        room.decrementAndGet();
        received(message);
    }

    @Override
    public void onError(Throwable e) {
        requireOpen();
        error = e;
        ended();
    }

    @Override
    public void onCompleted() {
        requireOpen();
        completed = true;
        onClose.run();
        ended();
    }

    private void requireOpen() {
        if (error != null || completed) {
            throw new AssertionError("a call that has ended is spoken to");
        }
    }

    @Override
    public boolean isCancelled() {
        return cancelled;
    }

    @Override
    public boolean isReady() {
        return room.get() > 0 && !cancelled;
    }

    @Override
    public void setOnReadyHandler(Runnable handler) {
        onReady = handler;
    }

    @Override
    public void setOnCancelHandler(Runnable handler) {
        onCancel = handler;
    }

    @Override
    public void setOnCloseHandler(Runnable handler) {
        onClose = handler;
    }

    @Override
    public void disableAutoRequest() {
        autoRequest = false;
    }

    @Override
    public void request(int count) {
        requested.addAndGet(count);
    }

    @Override
    public void setCompression(String compression) {}

    @Override
    @SuppressWarnings("deprecation")
    public void disableAutoInboundFlowControl() {}

    @Override
    public void setMessageCompression(boolean enable) {}
}
