// SPDX-License-Identifier: Apache-2.0
package io.tidemark.server.watch;

import io.grpc.stub.ServerCallStreamObserver;
import io.tidemark.api.ErrorStatus;
import io.tidemark.proto.v1.WatchEvent;
import io.tidemark.proto.v1.WatchResponse;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The serving side of a call whose caller takes as many messages as a test allows. */
final class ManualCall extends ServerCallStreamObserver<WatchResponse> {

    final List<WatchResponse> messages = new ArrayList<>();
    private int room;
    private boolean cancelled;
    private @Nullable Throwable error;
    private @Nullable Runnable onReady;
    private @Nullable Runnable onCancel;

    ManualCall(int room) {
        this.room = room;
    }

    void allow(int more) {
        boolean wasReady = isReady();
        room += more;
        if (!wasReady && isReady() && onReady != null) {
            onReady.run();
        }
    }

    void cancel() {
        cancelled = true;
        if (onCancel != null) {
            onCancel.run();
        }
    }

    List<WatchEvent> events() {
        return messages.stream()
                .flatMap(message -> message.getEventsList().stream())
                .toList();
    }

    WatchResponse last() {
        return messages.get(messages.size() - 1);
    }

    boolean hasEnded() {
        return error != null;
    }

    ErrorStatus error() {
        if (error == null) {
            throw new AssertionError("the call has not ended");
        }
        return ErrorStatus.from(error).orElseThrow(() -> new AssertionError("no error of ours", error));
    }

    @Override
    public void onNext(WatchResponse message) {
        if (error != null) {
            throw new AssertionError("a message after the end");
        }
        messages.add(message);
        room--;
    }

    @Override
    public void onError(Throwable e) {
        if (error != null) {
            throw new AssertionError("the call has ended twice");
        }
        error = e;
    }

    @Override
    public void onCompleted() {
        throw new AssertionError("a watch ends with an error only");
    }

    @Override
    public boolean isCancelled() {
        return cancelled;
    }

    @Override
    public boolean isReady() {
        return room > 0 && !cancelled;
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
    public void setCompression(String compression) {}

    @Override
    @SuppressWarnings("deprecation")
    public void disableAutoInboundFlowControl() {}

    @Override
    public void request(int count) {}

    @Override
    public void setMessageCompression(boolean enable) {}
}
