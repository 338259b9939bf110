// SPDX-License-Identifier: Apache-2.0
package io.tidemark.server.feed.core;

import io.grpc.StatusRuntimeException;
import io.tidemark.api.ErrorStatus;
import io.tidemark.proto.v1.ErrorReason;
import io.tidemark.proto.v1.FeedCommit;
import io.tidemark.proto.v1.FeedResponse;
import io.tidemark.proto.v1.ProbeAnswer;
import io.tidemark.proto.v1.Through;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The way to a subscriber that takes as many messages as a test allows. */
final class FakeLink implements Link {

    final List<FeedResponse> messages = new ArrayList<>();
    Consumer<FeedResponse> onSend = message -> {};
    int room = Integer.MAX_VALUE;
    boolean completed;

    @Nullable StatusRuntimeException error;

    @Override
    public boolean isReady() {
        return room > 0;
    }

    @Override
    public void send(FeedResponse message) {
        if (hasEnded()) {
            throw new AssertionError("a message after the end: " + message);
        }
        room--;
        messages.add(message);
        onSend.accept(message);
    }

    @Override
    public void complete() {
        requireOpen();
        completed = true;
    }

    @Override
    public void fail(StatusRuntimeException why) {
        requireOpen();
        error = why;
    }

    private void requireOpen() {
        if (hasEnded()) {
            throw new AssertionError("ended twice");
        }
    }

    boolean hasEnded() {
        return completed || error != null;
    }

    ErrorReason reason() {
        return status().reason();
    }

    ErrorStatus status() {
        StatusRuntimeException told = error;
        if (told == null) {
            throw new AssertionError("no error; completed: " + completed);
        }
        return ErrorStatus.from(told).orElseThrow(() -> new AssertionError("no error of ours", told));
    }

    /** What has come since the last call. */
    List<FeedResponse> take() {
        List<FeedResponse> taken = List.copyOf(messages);
        messages.clear();
        return taken;
    }

    List<FeedCommit> commits() {
        return messages.stream()
                .flatMap(message -> message.getCommits().getCommitsList().stream())
                .toList();
    }

    List<Through> throughs() {
        return messages.stream()
                .filter(FeedResponse::hasThrough)
                .map(FeedResponse::getThrough)
                .toList();
    }

    List<ProbeAnswer> answers() {
        return messages.stream()
                .filter(FeedResponse::hasProbeAnswer)
                .map(FeedResponse::getProbeAnswer)
                .toList();
    }
}
