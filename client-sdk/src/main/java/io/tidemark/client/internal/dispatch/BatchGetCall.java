// SPDX-License-Identifier: Apache-2.0
package io.tidemark.client.internal.dispatch;

import io.tidemark.client.internal.failure.AttemptFailure;
import io.tidemark.client.internal.failure.Exceptions;
import io.tidemark.client.internal.routing.Server;
import io.tidemark.proto.v1.BatchGetResponse;
import io.tidemark.proto.v1.BatchGetResult;
import io.tidemark.proto.v1.Limits;
import io.tidemark.proto.v1.ResponseHeader;
import io.tidemark.proto.v1.RowKey;
import io.tidemark.proto.v1.RowView;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * A read of many rows, all as of one index, whoever serves them. The servers that own most of them are asked; the first answer that
 * satisfies the ask chooses the index, and every further one is as of it. Guarded by itself; parts are begun outside.
 */
final class BatchGetCall extends CompletableFuture<Answer<BatchGetResponse>> {

    private static final int BYTES_BESIDE = 16;

    private final Parts parts;
    private final CallContext context;
    private final List<RowKey> keys;
    private final ReadAsk ask;
    private final RowView view;

    private final @Nullable BatchGetResult[] results;
    private int missing;
    private int attempts;

    /** Rows, by their places, and who is asked for them; null: whoever is known by then. */
    private record Group(@Nullable Server server, List<Integer> places) {}

    BatchGetCall(Parts parts, CallContext context, List<RowKey> keys, ReadAsk ask, RowView view) {
        this.parts = parts;
        this.context = context;
        this.keys = List.copyOf(keys);
        this.ask = ask;
        this.view = view;
        this.results = new BatchGetResult[keys.size()];
        this.missing = keys.size();
    }

    /** About how large the request is. */
    static long bytes(List<RowKey> keys) {
        long bytes = 0;
        for (RowKey key : keys) {
            bytes += (long) key.getSerializedSize() + BYTES_BESIDE;
        }
        return bytes;
    }

    void begin() {
        List<Group> groups = groups(IntStream.range(0, keys.size()).boxed().toList());
        Group largest = groups.get(0);
        for (Group group : groups) {
            if (group.places().size() > largest.places().size()) {
                largest = group;
            }
        }
        Group one = new Group(largest.server(), chunk(largest.places()));
        BatchPart part = part(one, ask);
        CompletableFuture<?> unused = part.whenComplete((answer, failure) -> {
            if (failure != null) {
                completeExceptionally(failure);
            } else {
                taken(one, answer);
                goOn(answer);
            }
        });
        part.begin(-1);
    }

    /** The index is chosen: what is missing is asked for as of it. */
    private void goOn(Answer<BatchGetResponse> first) {
        List<Integer> rest = IntStream.range(0, keys.size())
                .filter(place -> results[place] == null)
                .boxed()
                .toList();
        if (rest.isEmpty()) {
            finish(first);
            return;
        }
        ResponseHeader header = first.message().getHeader();
        if (!header.hasReadIndex()) {
            completeExceptionally(Exceptions.of(
                    context.method(),
                    AttemptFailure.senseless("the server does not say which index its answer is as of"),
                    List.of()));
            return;
        }
        ReadAsk asOf = ReadAsks.asOf(header.getHistoryId(), header.getReadIndex());
        for (Group group : groups(rest)) {
            askFor(group, asOf, first);
        }
    }

    private void askFor(Group group, ReadAsk asOf, Answer<BatchGetResponse> first) {
        List<Integer> places = group.places();
        while (!places.isEmpty()) {
            List<Integer> chunk = chunk(places);
            places = places.subList(chunk.size(), places.size());
            Group some = new Group(group.server(), chunk);
            BatchPart part = part(some, asOf);
            CompletableFuture<?> unused = part.whenComplete((answer, failure) -> {
                if (failure != null) {
                    completeExceptionally(failure);
                } else if (taken(some, answer)) {
                    finish(first);
                } else if (answer.message().getResultsCount() < chunk.size() && !isDone()) {
                    int answered = answer.message().getResultsCount();
                    askFor(new Group(some.server(), chunk.subList(answered, chunk.size())), asOf, first);
                }
            });
            part.begin(-1);
        }
    }

    private BatchPart part(Group group, ReadAsk partAsk) {
        List<RowKey> some = group.places().stream().map(keys::get).toList();
        BatchPart part = new BatchPart(parts, context, group.server(), some, partAsk, view);
        // Without the whole nobody wants the part.
        CompletableFuture<?> unused = whenComplete((answer, failure) -> part.cancel(false));
        return part;
    }

    /** Whether nothing is missing any more. */
    private synchronized boolean taken(Group group, Answer<BatchGetResponse> answer) {
        attempts += answer.attempts();
        int answered = Math.min(group.places().size(), answer.message().getResultsCount());
        for (int i = 0; i < answered; i++) {
            BatchGetResult result = answer.message().getResults(i);
            results[group.places().get(i)] = result;
            parts.rowBytes.saw(view, result.getRow());
        }
        missing -= answered;
        return missing == 0;
    }

    private synchronized void finish(Answer<BatchGetResponse> first) {
        BatchGetResponse.Builder whole =
                BatchGetResponse.newBuilder().setHeader(first.message().getHeader());
        for (BatchGetResult result : results) {
            whole.addResults(result == null ? BatchGetResult.getDefaultInstance() : result);
        }
        complete(new Answer<>(whole.build(), first.sentNanos(), first.address(), attempts));
    }

    /** Who is asked for what: few servers, each of which owns all the rows that it is asked for, where there are such. */
    private List<Group> groups(List<Integer> places) {
        List<Group> groups = new ArrayList<>();
        for (int place : places) {
            RowKey key = keys.get(place);
            Target target = new Target.OwnersOf(key.getTable(), key.getKey());
            Group fitting = null;
            for (Group group : groups) {
                if (group.server() == null || parts.routes.isFirstChoice(target, group.server())) {
                    fitting = group;
                    break;
                }
            }
            if (fitting == null) {
                fitting = new Group(
                        parts.routes.choose(target, ask.floor(), List.of(), parts.ticker.nanoTime()),
                        new ArrayList<>());
                groups.add(fitting);
            }
            fitting.places().add(place);
        }
        return groups;
    }

    /** As many of the first as one request may name. */
    private List<Integer> chunk(List<Integer> places) {
        Limits limits = parts.gatherings.limits();
        long bytesMax = limits.getMaxRequestBytes() / 2;
        long bytes = 0;
        int count = 0;
        while (count < places.size() && count < limits.getMaxBatchKeys()) {
            bytes += (long) keys.get(places.get(count)).getSerializedSize() + BYTES_BESIDE;
            if (bytes > bytesMax && count > 0) {
                break;
            }
            count++;
        }
        return places.subList(0, count);
    }
}
