// SPDX-License-Identifier: Apache-2.0
package io.tidemark.client.internal.scan;

import io.grpc.MethodDescriptor;
import io.tidemark.client.Failure;
import io.tidemark.client.HorizonPassedException;
import io.tidemark.client.TidemarkException;
import io.tidemark.client.UnavailableException;
import io.tidemark.client.internal.dispatch.ReadAsk;
import io.tidemark.client.internal.dispatch.ReadAsks;
import io.tidemark.client.internal.dispatch.Target;
import io.tidemark.client.internal.stream.Course;
import io.tidemark.client.internal.stream.OffCourseException;
import io.tidemark.client.internal.stream.Verdict;
import io.tidemark.client.internal.stream.Verdicts;
import io.tidemark.client.internal.wire.Headers;
import io.tidemark.proto.v1.KeyValueGrpc;
import io.tidemark.proto.v1.ReadOptions;
import io.tidemark.proto.v1.ResponseHeader;
import io.tidemark.proto.v1.StreamScanRequest;
import io.tidemark.proto.v1.StreamScanResponse;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * One streamed scan: each row once, all as of the index of the first message. What was received and the token to go on behind it
 * are taken together, so that a break between two messages loses and repeats nothing.
 */
public final class ScanCourse implements Course<StreamScanRequest, StreamScanResponse> {

    /** Servers whose history does not reach back far enough that are asked in a row, where others may have more. */
    private static final int HORIZON_TRIES = 8;

    /** How much of the patience one server may use up: there is time for others. */
    private static final int TRIES = 3;

    private static final Duration SILENCE_MAX = Duration.ofSeconds(5);

    private final ScanSpec spec;
    private final ReadAsk ask;
    private final @Nullable Duration patience;
    private final ScanSink sink;
    private final Duration silenceMax;

    private @Nullable ResponseHeader header;
    private String resumeToken = "";
    private int attempts;
    private int horizonTries;

    /** @param patience how long to wait for a message, whoever is asked; null: for ever */
    public ScanCourse(ScanSpec spec, ReadAsk ask, @Nullable Duration patience, ScanSink sink) {
        this.spec = spec;
        this.ask = ask;
        this.patience = patience;
        this.sink = sink;
        this.silenceMax = patience == null ? SILENCE_MAX : patience.dividedBy(TRIES);
    }

    @Override
    public MethodDescriptor<StreamScanRequest, StreamScanResponse> method() {
        return KeyValueGrpc.getStreamScanMethod();
    }

    @Override
    public String name() {
        return "scan";
    }

    @Override
    public Target target() {
        return new Target.OwnersOfAll();
    }

    @Override
    public StreamScanRequest request() {
        attempts++;
        ResponseHeader first = header;
        if (first == null) {
            // What a server cannot prove in its time another one may.
            Duration wait = ask.maxWait() == null ? silenceMax.multipliedBy(9).dividedBy(10) : ask.maxWait();
            return spec.stream()
                    .setReadOptions(
                            ReadAsks.toProto(ask, ask.floor()).toBuilder().setMaxWait(Headers.duration(wait)))
                    .build();
        }
        return spec.stream()
                .setResumeToken(resumeToken)
                .setReadOptions(ReadOptions.newBuilder().setHistoryId(first.getHistoryId()))
                .build();
    }

    @Override
    public boolean hasRoom() {
        return sink.hasRoom();
    }

    @Override
    public void received(StreamScanResponse message, boolean first, String address, long sentNanos)
            throws OffCourseException {
        if (message.getResumeToken().isEmpty()) {
            throw new OffCourseException("a message without a resume token");
        }
        if (first) {
            begin(message, address, sentNanos);
        }
        if (message.getRowsCount() > 0) {
            sink.rows(message.getRowsList(), message.getSerializedSize());
        }
        resumeToken = message.getResumeToken();
        horizonTries = 0;
    }

    private void begin(StreamScanResponse message, String address, long sentNanos) throws OffCourseException {
        if (!message.hasHeader() || !message.getHeader().hasReadIndex()) {
            throw new OffCourseException("the first message does not say which index it is as of");
        }
        ResponseHeader came = message.getHeader();
        ResponseHeader before = header;
        if (before == null) {
            sink.begun(came, address, sentNanos, attempts);
            header = came;
        } else if (came.getReadIndex() != before.getReadIndex()
                || !came.getHistoryId().equals(before.getHistoryId())) {
            throw new OffCourseException("it goes on as of " + came.getReadIndex() + " of " + came.getHistoryId()
                    + ", and began as of " + before.getReadIndex() + " of " + before.getHistoryId());
        }
    }

    @Override
    public Verdict ended() {
        // Also an empty scan has a message, which says what it is as of.
        return header != null
                ? new Verdict.End(null)
                : failed(new UnavailableException(
                        new Failure("scan: the server ended it without a message", "STREAM_ENDED"), null));
    }

    @Override
    public Verdict failed(TidemarkException failure) {
        Verdict verdict = verdict(failure);
        if (!(verdict instanceof Verdict.End)) {
            sink.broke(failure);
        }
        return verdict;
    }

    private Verdict verdict(TidemarkException failure) {
        if (failure instanceof HorizonPassedException passed) {
            return mayBeKeptElsewhere(passed) && ++horizonTries < HORIZON_TRIES
                    ? new Verdict.AfterPause(Duration.ZERO)
                    : new Verdict.End(failure);
        }
        return Verdicts.of(failure);
    }

    /** A state that was read from is kept somewhere, unless the cluster says otherwise; one that was only asked for need not be. */
    private boolean mayBeKeptElsewhere(HorizonPassedException passed) {
        ResponseHeader begun = header;
        return begun != null
                ? passed.clusterHorizon() <= begun.getReadIndex()
                : passed.clusterHorizon() > 0 && passed.clusterHorizon() <= passed.askedIndex();
    }

    @Override
    public Duration silenceMax(boolean opened) {
        return silenceMax;
    }

    @Override
    public @Nullable Duration patience() {
        return patience;
    }

    @Override
    public void over(@Nullable TidemarkException failure) {
        sink.over(failure);
    }
}
