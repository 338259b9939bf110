// SPDX-License-Identifier: Apache-2.0
package io.tidemark.verify.history;

import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.tidemark.api.ErrorStatus;
import io.tidemark.api.HistoryId;
import io.tidemark.api.ProtoTimes;
import io.tidemark.api.SessionToken;
import io.tidemark.proto.v1.BatchGetRequest;
import io.tidemark.proto.v1.BatchGetResponse;
import io.tidemark.proto.v1.GetRequest;
import io.tidemark.proto.v1.GetResponse;
import io.tidemark.proto.v1.KeyValueGrpc;
import io.tidemark.proto.v1.KeyValueGrpc.KeyValueBlockingStub;
import io.tidemark.proto.v1.ReadOptions;
import io.tidemark.proto.v1.ResponseHeader;
import io.tidemark.proto.v1.Row;
import io.tidemark.proto.v1.RowKey;
import io.tidemark.proto.v1.ScanRequest;
import io.tidemark.proto.v1.ScanResponse;
import io.tidemark.proto.v1.ServerRole;
import io.tidemark.proto.v1.Strength;
import io.tidemark.proto.v1.ValueForm;
import io.tidemark.proto.v1.WhenUnmet;
import io.tidemark.verify.history.Ask.AsOf;
import io.tidemark.verify.history.Ask.Eventual;
import io.tidemark.verify.history.Ask.Floor;
import io.tidemark.verify.history.Ask.Linearizable;
import io.tidemark.verify.history.Outcome.Found;
import io.tidemark.verify.history.Reading.Answer;
import io.tidemark.verify.history.Reading.Denied;
import io.tidemark.verify.history.Reading.Header;
import io.tidemark.verify.history.Reading.Told;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;

/** Sends each read once, to the one server that it is told, and writes down what came back. Keeps no state. */
public final class RecordingReader {

    private static final int PAGE = 5;

    private final int client;
    private final String historyId;
    private final Duration timeout;

    /**
     * @param timeout how long each read may take
     */
    public RecordingReader(int client, String historyId, Duration timeout) {
        this.client = client;
        this.historyId = historyId;
        this.timeout = timeout;
    }

    /** Reads one row by a get, several by a batch get. */
    public Reading read(long id, String server, ManagedChannel channel, Ask ask, List<String> rows) {
        return read(
                id,
                server,
                channel,
                ask,
                rows,
                (stub, options) -> rows.size() == 1 ? get(stub, options, rows.get(0)) : batchGet(stub, options, rows));
    }

    /**
     * Reads all rows of a table whose keys have a prefix, by a scan of more than one page.
     *
     * @param rows those of them that may be there
     */
    public Reading scan(
            long id, String server, ManagedChannel channel, Ask ask, String table, String prefix, List<String> rows) {
        return read(id, server, channel, ask, rows, (stub, options) -> scan(stub, options, table, prefix, rows));
    }

    private interface Call {
        Told on(KeyValueBlockingStub stub, ReadOptions options);
    }

    private Reading read(long id, String server, ManagedChannel channel, Ask ask, List<String> rows, Call call) {
        ReadOptions options = options(ask);
        KeyValueBlockingStub stub =
                KeyValueGrpc.newBlockingStub(channel).withDeadlineAfter(timeout.toNanos(), TimeUnit.NANOSECONDS);
        long start = System.nanoTime();
        Answer answer;
        try {
            answer = call.on(stub, options);
        } catch (StatusRuntimeException e) {
            answer = new Denied(ErrorStatus.from(e)
                    .map(error -> error.reason().name())
                    .orElse("grpc " + Status.fromThrowable(e).getCode()));
        }
        return new Reading(id, client, server, ask, named(rows, answer), start, System.nanoTime(), answer);
    }

    /** A row that came without being named is held against the history as well. */
    private static List<String> named(List<String> rows, Answer answer) {
        Set<String> all = new TreeSet<>(rows);
        if (answer instanceof Told told) {
            all.addAll(told.rows().keySet());
        }
        return List.copyOf(all);
    }

    private static Told get(KeyValueBlockingStub stub, ReadOptions options, String row) {
        RowName name = RowName.parse(row);
        GetResponse response = stub.get(GetRequest.newBuilder()
                .setTable(name.table())
                .setKey(name.key())
                .setReadOptions(options)
                .setValueForm(ValueForm.VALUE_FORM_BYTES)
                .build());
        return new Told(
                header(response.getHeader()),
                Map.of(
                        row,
                        response.hasRow() ? Optional.of(RecordedClient.found(response.getRow())) : Optional.empty()));
    }

    private static Told batchGet(KeyValueBlockingStub stub, ReadOptions options, List<String> rows) {
        BatchGetRequest.Builder request =
                BatchGetRequest.newBuilder().setReadOptions(options).setValueForm(ValueForm.VALUE_FORM_BYTES);
        for (String row : rows) {
            RowName name = RowName.parse(row);
            request.addKeys(RowKey.newBuilder().setTable(name.table()).setKey(name.key()));
        }
        BatchGetResponse response = stub.batchGet(request.build());
        Map<String, Optional<Found>> found = new HashMap<>();
        for (int i = 0; i < rows.size(); i++) {
            // Small rows: whatever is missing here is a fault, and found as one.
            if (i < response.getResultsCount()) {
                var result = response.getResults(i);
                found.put(
                        rows.get(i),
                        result.hasRow() ? Optional.of(RecordedClient.found(result.getRow())) : Optional.empty());
            }
        }
        return new Told(header(response.getHeader()), found);
    }

    /** The header is that of the first page, whose index all others must be as of. */
    private static Told scan(
            KeyValueBlockingStub stub, ReadOptions options, String table, String prefix, List<String> rows) {
        Map<String, Optional<Found>> found = new HashMap<>();
        rows.forEach(row -> found.put(row, Optional.empty()));
        ScanRequest.Builder request = ScanRequest.newBuilder()
                .setTable(table)
                .setPrefix(prefix)
                .setPageSize(PAGE)
                .setReadOptions(options)
                .setValueForm(ValueForm.VALUE_FORM_BYTES);
        ScanResponse first = stub.scan(request.build());
        ScanResponse page = first;
        while (true) {
            for (Row row : page.getRowsList()) {
                found.put(new RowName(table, row.getKey()).toString(), Optional.of(RecordedClient.found(row)));
            }
            if (!page.hasNextPageToken()) {
                return new Told(header(first.getHeader()), found);
            }
            page = stub.scan(request.setPageToken(page.getNextPageToken()).build());
        }
    }

    private ReadOptions options(Ask ask) {
        ReadOptions.Builder options = ReadOptions.newBuilder().setHistoryId(historyId);
        if (ask.base() instanceof Eventual) {
            options.setStrength(Strength.STRENGTH_EVENTUAL);
        } else if (ask.base() instanceof Linearizable) {
            options.setStrength(Strength.STRENGTH_LINEARIZABLE);
        } else if (ask.base() instanceof AsOf asOf) {
            options.setAsOfIndex(asOf.index());
        }
        ask.floor().ifPresent(floor -> floor(options, floor));
        ask.maxStaleness().ifPresent(bound -> options.setMaxStaleness(ProtoTimes.duration(bound)));
        ask.maxLag().ifPresent(options::setMaxLag);
        if (ask.serve()) {
            options.setWhenUnmet(WhenUnmet.WHEN_UNMET_SERVE);
        }
        return options.build();
    }

    private void floor(ReadOptions.Builder options, Floor floor) {
        if (floor.session()) {
            options.addSessionTokens(new SessionToken(new HistoryId(historyId), floor.index()).text());
        } else {
            options.setMinIndex(floor.index());
        }
    }

    private static Header header(ResponseHeader header) {
        return new Header(
                header.getHistoryId(),
                header.getServedBy(),
                header.getServedByRole() == ServerRole.SERVER_ROLE_REPLICA,
                header.getAppliedIndex(),
                // A read without it is one that says nothing: no state has this index.
                header.hasReadIndex() ? header.getReadIndex() : -1,
                header.hasStaleness() ? Optional.of(ProtoTimes.duration(header.getStaleness())) : Optional.empty(),
                header.hasUnmet());
    }
}
