// SPDX-License-Identifier: Apache-2.0
package io.tidemark.client;

import com.google.protobuf.ByteString;
import io.tidemark.client.internal.call.Calls;
import io.tidemark.client.internal.call.Moment;
import io.tidemark.client.internal.stream.FakeDispatcher;
import io.tidemark.client.internal.stream.FakeDispatcher.FakeStream;
import io.tidemark.proto.v1.ChangeKind;
import io.tidemark.proto.v1.ResponseHeader;
import io.tidemark.proto.v1.Row;
import io.tidemark.proto.v1.RowView;
import io.tidemark.proto.v1.ScanRequest;
import io.tidemark.proto.v1.ScanResponse;
import io.tidemark.proto.v1.StreamScanRequest;
import io.tidemark.proto.v1.StreamScanResponse;
import io.tidemark.proto.v1.Value;
import io.tidemark.proto.v1.WatchRequest;
import io.tidemark.proto.v1.WatchResponse;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;

/** A server that scans the rows that a test gives it, as of one index, and then tells of one more commit after the other. */
final class StreamServer {

    static final String HISTORY = "8h2kq0m5x7c1r9vz";
    static final long INDEX = 100;
    private static final int PAGE = 3;

    final FakeDispatcher dispatcher = new FakeDispatcher();
    final NavigableMap<String, String> rows = new TreeMap<>();
    /** How many commits follow {@link #INDEX}: each puts its index under the key {@code new}. */
    volatile long commits;

    volatile String history = HISTORY;

    volatile ScanRequest lastPage = ScanRequest.getDefaultInstance();
    private final Map<FakeStream<?, ?>, Long> sent = new ConcurrentHashMap<>();

    StreamServer() {
        dispatcher.onReady(this::serve);
        dispatcher.answer((request, target) -> page((ScanRequest) request));
    }

    TidemarkClient client() {
        Calls calls = new Calls(
                dispatcher,
                Runnable::run,
                new Moment.Clock(dispatcher::nanoTime, () -> 0),
                TidemarkClient.DEADLINE_DEFAULT,
                TidemarkClient.CONSISTENCY_DEFAULT,
                false,
                null);
        return new TidemarkClient(calls, Session.create());
    }

    @SuppressWarnings("unchecked")
    private synchronized void serve(FakeStream<?, ?> stream) {
        while (stream.isReady()) {
            long number = sent.merge(stream, 1L, Long::sum) - 1;
            if (stream.request instanceof StreamScanRequest scan) {
                tellRows((FakeStream<StreamScanRequest, StreamScanResponse>) stream, scan, (int) number);
            } else if (!tellCommit((FakeStream<WatchRequest, WatchResponse>) stream, number)) {
                sent.merge(stream, -1L, Long::sum);
                return;
            }
        }
    }

    private void tellRows(
            FakeStream<StreamScanRequest, StreamScanResponse> stream, StreamScanRequest scan, int number) {
        StreamScanResponse.Builder message =
                StreamScanResponse.newBuilder().setHeader(header()).setResumeToken("after " + number);
        rows.tailMap(scan.getStart()).entrySet().stream()
                .filter(row -> row.getKey().startsWith(scan.getPrefix()))
                .skip((long) number * PAGE)
                .limit(PAGE)
                .forEach(row -> message.addRows(row(row.getKey(), row.getValue(), scan.getRowView())));
        boolean last = message.getRowsCount() < PAGE;
        stream.send(message.build());
        if (last && stream.isOpen()) {
            stream.end();
        }
    }

    /** False: there is none yet. */
    private boolean tellCommit(FakeStream<WatchRequest, WatchResponse> stream, long number) {
        long from = stream.request.hasFromIndex() ? stream.request.getFromIndex() : INDEX + 1;
        long index = from + number - 1;
        if (index > INDEX + commits) {
            return false;
        }
        WatchResponse.Builder message = WatchResponse.newBuilder().setThroughIndex(index);
        if (number == 0) {
            message.setHeader(header());
        } else {
            message.addEvents(io.tidemark.proto.v1.WatchEvent.newBuilder()
                    .setIndex(index)
                    .setKind(ChangeKind.CHANGE_KIND_PUT)
                    .setRow(row("new", Long.toString(index), RowView.ROW_VIEW_FULL)));
        }
        stream.send(message.build());
        return true;
    }

    private ScanResponse page(ScanRequest request) {
        lastPage = request;
        int from = request.getPageToken().isEmpty() ? 0 : Integer.parseInt(request.getPageToken());
        int size = request.getPageSize() == 0 ? PAGE : Math.min(PAGE, request.getPageSize());
        ScanResponse.Builder page = ScanResponse.newBuilder().setHeader(header());
        rows.entrySet().stream()
                .skip(from)
                .limit(size)
                .forEach(row -> page.addRows(row(row.getKey(), row.getValue(), request.getRowView())));
        if (from + page.getRowsCount() < rows.size()) {
            page.setNextPageToken(Integer.toString(from + page.getRowsCount()));
        }
        return page.build();
    }

    private ResponseHeader header() {
        return ResponseHeader.newBuilder()
                .setHistoryId(history)
                .setReadIndex(INDEX)
                .setServedBy("n1")
                .build();
    }

    private static Row row(String key, String value, RowView view) {
        Row.Builder row = Row.newBuilder().setTable("users").setKey(key).setVersion(1);
        if (view != RowView.ROW_VIEW_METADATA) {
            row.setValue(
                    Value.newBuilder().setBytes(ByteString.copyFromUtf8(value)).setContentType("text/plain"));
        }
        return row.build();
    }
}
