// SPDX-License-Identifier: Apache-2.0
package io.tidemark.server.watch;

import com.google.protobuf.Timestamp;
import io.grpc.stub.ServerCallStreamObserver;
import io.tidemark.proto.v1.Fragment;
import io.tidemark.proto.v1.WatchEvent;
import io.tidemark.proto.v1.WatchResponse;
import io.tidemark.store.LogTime;
import io.tidemark.store.feed.CommitEffects;
import io.tidemark.store.feed.FeedRead;
import io.tidemark.store.state.Store;
import java.util.ArrayList;
import java.util.List;

/**
 * The messages of one watch, and how far they have come. Sends only while the caller has room; what had none is told from the
 * place that is kept here, when it is read again. Owned by the turns of the watch, but for the time of the last message.
 */
final class Delivery {

    private final WatchAsk ask;
    private final ServerCallStreamObserver<WatchResponse> call;
    private final WatchServices services;
    private volatile long lastSent;

    /** All that matches at or below this has been sent. */
    private long through;

    /** No later than the log time of what follows; {@link LogTime#MIN}: not known. */
    private LogTime time = LogTime.MIN;

    /** How much of the commit that follows was sent, where it was too large for one message. */
    private int partsSent;

    private int changesSent;

    Delivery(WatchAsk ask, ServerCallStreamObserver<WatchResponse> call, WatchServices services) {
        this.ask = ask;
        this.call = call;
        this.services = services;
        this.lastSent = services.nanos();
    }

    long through() {
        return through;
    }

    LogTime time() {
        return time;
    }

    /** When the last message was sent; any thread may ask. */
    long lastSent() {
        return lastSent;
    }

    /** Whether a part of a commit was sent and the rest is to follow. */
    boolean isWithinCommit() {
        return partsSent > 0;
    }

    /** Nothing up to there is for this watch, beyond what was sent. */
    void passed(long index, LogTime indexTime) {
        if (index > through) {
            through = index;
        }
        time = LogTime.max(time, indexTime);
    }

    /** The first message, or a sign of life. */
    void sendHeader(Store store) {
        send(message().setHeader(services.headers().of(store, through)));
    }

    /** Tells what was read behind {@link #through}. False: not all of it, for lack of room. */
    boolean tell(Store store, FeedRead read) {
        Batch batch = new Batch();
        for (CommitEffects commit : read.commits()) {
            List<WatchedRows.Change> changes = ask.rows().of(commit);
            if (!changes.isEmpty() && !tell(store, commit, changes, batch)) {
                return false;
            }
        }
        batch.reach(read.through(), read.throughTime());
        batch.send();
        return true;
    }

    private boolean tell(Store store, CommitEffects commit, List<WatchedRows.Change> changes, Batch batch) {
        List<WatchEvent> part = new ArrayList<>();
        long partBytes = 0;
        try (EventMaker maker = new EventMaker(ask, services.rows(), store, commit)) {
            for (WatchedRows.Change change : changes.subList(changesSent, changes.size())) {
                WatchEvent event = maker.event(change);
                int bytes = event.getSerializedSize();
                if (partBytes > 0 && partBytes + bytes > services.options().messageBytesMax()) {
                    if (!batch.send()) {
                        return false;
                    }
                    sendPart(part, false);
                    part.clear();
                    partBytes = 0;
                    if (!call.isReady()) {
                        return false;
                    }
                }
                part.add(event);
                partBytes += bytes;
            }
        }
        if (partsSent > 0) {
            sendLastPart(part, commit);
            return call.isReady();
        }
        batch.add(part, partBytes, commit);
        return !batch.isFull() || batch.send();
    }

    private void sendPart(List<WatchEvent> part, boolean last) {
        send(message()
                .addAllEvents(part)
                .setFragment(Fragment.newBuilder().setNumber(partsSent).setLast(last)));
        partsSent++;
        changesSent += part.size();
    }

    private void sendLastPart(List<WatchEvent> part, CommitEffects commit) {
        passed(commit.index(), commit.logTime());
        sendPart(part, true);
        partsSent = 0;
        changesSent = 0;
    }

    private WatchResponse.Builder message() {
        WatchResponse.Builder message = WatchResponse.newBuilder().setThroughIndex(through);
        Timestamp known = time.equals(LogTime.MIN) ? null : time.toTimestamp();
        if (known != null) {
            message.setThroughTime(known);
        }
        return message;
    }

    private void send(WatchResponse.Builder message) {
        call.onNext(message.build());
        services.counts().sent(message.getEventsCount());
        lastSent = services.nanos();
    }

    /** Events of whole commits that go into one message. */
    private final class Batch {
        private final List<WatchEvent> events = new ArrayList<>();
        private long bytes;
        private long reached = through;
        private LogTime reachedTime = time;

        void add(List<WatchEvent> ofCommit, long ofCommitBytes, CommitEffects commit) {
            events.addAll(ofCommit);
            bytes += ofCommitBytes;
            reach(commit.index(), commit.logTime());
        }

        void reach(long index, LogTime indexTime) {
            reached = index;
            reachedTime = indexTime;
        }

        boolean isFull() {
            return bytes >= services.options().batchBytes();
        }

        /** Whether there is room for more. Without events nothing is sent. */
        boolean send() {
            passed(reached, reachedTime);
            if (!events.isEmpty()) {
                Delivery.this.send(message().addAllEvents(events));
                events.clear();
                bytes = 0;
            }
            return call.isReady();
        }
    }
}
