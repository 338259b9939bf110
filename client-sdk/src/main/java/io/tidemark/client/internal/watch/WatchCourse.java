// SPDX-License-Identifier: Apache-2.0
package io.tidemark.client.internal.watch;

import io.grpc.MethodDescriptor;
import io.tidemark.api.ErrorMetadata;
import io.tidemark.api.SessionToken;
import io.tidemark.client.Failure;
import io.tidemark.client.HorizonPassedException;
import io.tidemark.client.ServedBy;
import io.tidemark.client.TidemarkException;
import io.tidemark.client.UnavailableException;
import io.tidemark.client.WatchEvent;
import io.tidemark.client.internal.dispatch.Target;
import io.tidemark.client.internal.session.Seen;
import io.tidemark.client.internal.stream.Buffer;
import io.tidemark.client.internal.stream.Course;
import io.tidemark.client.internal.stream.OffCourseException;
import io.tidemark.client.internal.stream.Verdict;
import io.tidemark.client.internal.stream.Verdicts;
import io.tidemark.client.internal.wire.Headers;
import io.tidemark.proto.v1.KeyValueGrpc;
import io.tidemark.proto.v1.ResponseHeader;
import io.tidemark.proto.v1.WatchRequest;
import io.tidemark.proto.v1.WatchResponse;
import java.time.Duration;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One watch: how far it has come, and what it tells of itself. A commit is put into the buffer only when it is whole, and what the
 * watch has come to moves with it, so that a break anywhere loses and repeats nothing.
 */
final class WatchCourse implements Course<WatchRequest, WatchResponse> {

    /** Servers whose history does not reach back far enough that are asked in a row, where others may have more. */
    private static final int HORIZON_TRIES = 8;

    /** How many heartbeats may be missed, and how long a network or a busy machine may delay one. */
    private static final int HEARTBEATS_MISSED = 2;

    private static final Duration DELAY_MAX = Duration.ofSeconds(1);

    /** A server may wait for what the session has seen before it opens. */
    private static final Duration OPENING_MAX = Duration.ofSeconds(5);

    private static final String MOVED = "MOVED";
    private static final String WATCHER_TOO_SLOW = "WATCHER_TOO_SLOW";

    private final WatchSpec spec;
    private final Seen seen;
    private final Buffer<Signal> buffer;
    private final Runnable onStood;
    private final Consumer<@Nullable TidemarkException> onOver;
    private final Commits commits;
    private final Duration silenceMax;

    private @Nullable Place place;
    private Target target;
    private boolean everOpened;
    /** Whether the listener knows that nobody sends. */
    private boolean disconnectedTold;

    private int horizonTries;

    /**
     * @param place where to begin; null: now, but not before what the session has seen
     * @param onStood told when it was opened
     * @param onOver told why it is over
     */
    WatchCourse(
            WatchSpec spec,
            @Nullable Place place,
            Seen seen,
            Buffer<Signal> buffer,
            Runnable onStood,
            Consumer<@Nullable TidemarkException> onOver) {
        this.spec = spec;
        this.place = place;
        this.seen = seen;
        this.buffer = buffer;
        this.onStood = onStood;
        this.onOver = onOver;
        this.commits = new Commits(spec.commitBytesMax());
        this.target = spec.target();
        this.silenceMax = spec.heartbeat().multipliedBy(HEARTBEATS_MISSED).plus(DELAY_MAX);
    }

    @Override
    public MethodDescriptor<WatchRequest, WatchResponse> method() {
        return KeyValueGrpc.getWatchMethod();
    }

    @Override
    public String name() {
        return "watch";
    }

    @Override
    public Target target() {
        return target;
    }

    @Override
    public WatchRequest request() {
        WatchRequest.Builder request = spec.request();
        if (place != null) {
            request.setFromIndex(place.index() + 1).setHistoryId(place.historyId());
        } else {
            seen.token().map(SessionToken::text).ifPresent(request::addSessionTokens);
        }
        return request.build();
    }

    @Override
    public boolean hasRoom() {
        return buffer.hasRoom();
    }

    @Override
    public void received(WatchResponse message, boolean first, String address, long sentNanos)
            throws OffCourseException {
        Place before = first ? open(message, address) : place;
        if (before == null || message.getThroughIndex() < before.index()) {
            throw new OffCourseException(
                    "a message that reaches through " + message.getThroughIndex() + " behind " + before);
        }
        for (Commits.Whole commit : commits.take(message, before.index())) {
            buffer.put(
                    new Signal.Told(
                            commit.index(),
                            before.historyId(),
                            commit.changes().get(0).getTime(),
                            commit.changes()),
                    commit.bytes());
        }
        place = before.at(message.getThroughIndex());
        if (!first && message.getEventsCount() == 0) {
            tellProgress(message, before.at(message.getThroughIndex()), address);
        }
    }

    /** Takes the first message of an attempt; gives where the watch stands before what it brings. */
    private Place open(WatchResponse message, String address) throws OffCourseException {
        if (!message.hasHeader()) {
            throw new OffCourseException("the first message has no header");
        }
        ResponseHeader header = message.getHeader();
        Place stands = place == null ? new Place(header.getHistoryId(), message.getThroughIndex()) : place;
        if (!stands.historyId().equals(header.getHistoryId())) {
            throw new OffCourseException(
                    "it goes on in history " + header.getHistoryId() + ", and was asked for " + stands.historyId());
        }
        ServedBy servedBy = servedBy(header, address);
        notice(
                everOpened
                        ? new WatchEvent.Resumed<>(stands.index(), stands.historyId(), servedBy)
                        : new WatchEvent.Opened<>(stands.index(), stands.historyId(), servedBy));
        everOpened = true;
        onStood.run();
        disconnectedTold = false;
        horizonTries = 0;
        target = spec.target();
        return stands;
    }

    private void tellProgress(WatchResponse message, Place stands, String address) {
        ResponseHeader header = message.getHeader();
        Signal.Notice progress = new Signal.Notice(new WatchEvent.Progress<>(
                stands.index(),
                stands.historyId(),
                message.hasThroughTime() ? Headers.instant(message.getThroughTime()) : null,
                Headers.staleness(header).orElse(null),
                servedBy(header, address)));
        buffer.put(progress, Signal.Notice.BYTES, last -> last instanceof Signal.Notice notice && notice.isProgress());
    }

    private static ServedBy servedBy(ResponseHeader header, String address) {
        return new ServedBy(header.getServedBy(), Headers.role(header.getServedByRole()), address);
    }

    private void notice(WatchEvent<?> event) {
        buffer.put(new Signal.Notice(event), Signal.Notice.BYTES);
    }

    @Override
    public Verdict ended() {
        return failed(new UnavailableException(
                new Failure("watch: the server ended it without saying why", "STREAM_ENDED"), null));
    }

    @Override
    public Verdict failed(TidemarkException failure) {
        commits.clear();
        Verdict verdict = verdict(failure);
        if (!disconnectedTold && !(verdict instanceof Verdict.End)) {
            disconnectedTold = true;
            notice(new WatchEvent.Disconnected<>(failure));
        }
        return verdict;
    }

    private Verdict verdict(TidemarkException failure) {
        if (failure instanceof HorizonPassedException passed && place != null) {
            return horizonPassed(passed, place);
        }
        if (failure.reason().equals(MOVED)) {
            reach(failure.metadata().get(ErrorMetadata.THROUGH_INDEX));
            return new Verdict.AtOnce();
        }
        // It ends only once all that waited was taken: there is room again.
        return failure.reason().equals(WATCHER_TOO_SLOW) ? new Verdict.AtOnce() : Verdicts.of(failure);
    }

    /** Only what the cluster does not keep is lost; a replica that took the rows over lately may know less than others. */
    private Verdict horizonPassed(HorizonPassedException passed, Place stands) {
        target = new Target.OwnersOfAll();
        boolean keptElsewhere = passed.clusterHorizon() <= stands.index() && ++horizonTries < HORIZON_TRIES;
        return keptElsewhere ? new Verdict.AfterPause(Duration.ZERO) : new Verdict.End(passed);
    }

    /** At a hand-over all up to there was sent before, and came before its end did. */
    private void reach(@Nullable String through) {
        Place stands = place;
        if (through == null || stands == null) {
            return;
        }
        try {
            place = stands.at(Math.max(stands.index(), Long.parseLong(through)));
        } catch (NumberFormatException e) {
            // What was received counts in any case.
            place = stands;
        }
    }

    @Override
    public Duration silenceMax(boolean opened) {
        return opened || silenceMax.compareTo(OPENING_MAX) > 0 ? silenceMax : OPENING_MAX;
    }

    @Override
    public @Nullable Duration patience() {
        return null;
    }

    @Override
    public void over(@Nullable TidemarkException failure) {
        onOver.accept(failure);
    }
}
