// SPDX-License-Identifier: Apache-2.0
package io.tidemark.rest.kv;

import com.linecorp.armeria.common.HttpData;
import com.linecorp.armeria.common.HttpHeaders;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.HttpResponseWriter;
import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.common.ResponseHeaders;
import io.tidemark.client.internal.gateway.Answered;
import io.tidemark.proto.v1.ScanRequest;
import io.tidemark.proto.v1.ScanResponse;
import io.tidemark.proto.v1.StreamScanRequest;
import io.tidemark.proto.v1.StreamScanResponse;
import io.tidemark.proto.v1.ValueForm;
import io.tidemark.rest.http.Problem;
import io.tidemark.rest.http.Problems;
import io.tidemark.rest.json.ContractJson;
import io.tidemark.rest.json.ValueForms;
import io.tidemark.rest.routing.Exchange;
import io.tidemark.rest.routing.Handler;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A scan as lines of JSON, however large it is: page after page, the next one when the one before was taken. All rows are as of one index.
 * What goes wrong on the way is the last line, {@code {"problem": ...}}.
 */
public final class ScanLines implements Handler {

    /** Lines of JSON. */
    public static final String TYPE = "application/jsonl";

    private static final int PAGE_SIZE = 1_000;

    private final Reads reads;
    private final Stamps stamps;

    public ScanLines(Reads reads, Stamps stamps) {
        this.reads = reads;
        this.stamps = stamps;
    }

    /** Where a scan goes on, and how many rows came before: {@code <page token>.<rows>}. */
    private record Place(String pageToken, long rows) {

        static final Place START = new Place("", 0);

        static Place parse(String text) {
            int end = text.lastIndexOf('.');
            if (end < 1 || !text.substring(end + 1).matches("[0-9]{1,18}")) {
                throw Problem.of(400, "BAD_PAGE_TOKEN", "resume_token: none that a line gave")
                        .toException();
            }
            return new Place(text.substring(0, end), Long.parseLong(text.substring(end + 1)));
        }

        String text() {
            return pageToken + "." + rows;
        }
    }

    @Override
    public CompletionStage<HttpResponse> handle(Exchange exchange) {
        StreamScanRequest.Builder request = StreamScanRequest.newBuilder();
        Requests.fill(exchange, request);
        if (request.hasLimit() && request.getLimit() < 1) {
            throw Problem.invalid("limit", "limit: " + request.getLimit() + " (expected: above 0)")
                    .toException();
        }
        Place from = request.getResumeToken().isEmpty() ? Place.START : Place.parse(request.getResumeToken());
        ScanRequest.Builder scan = ScanRequest.newBuilder()
                .setTable(request.getTable())
                .setOrder(request.getOrder())
                .setPageToken(from.pageToken())
                .setReadOptions(request.getReadOptions())
                .setRowView(request.getRowView());
        if (request.hasStart()) {
            scan.setStart(request.getStart());
        }
        if (request.hasEnd()) {
            scan.setEnd(request.getEnd());
        }
        if (request.hasPrefix()) {
            scan.setPrefix(request.getPrefix());
        }
        Scanning scanning = new Scanning(
                exchange,
                reads.scanAsk(exchange, scan),
                request.hasLimit() ? request.getLimit() : null,
                request.getValueForm());
        exchange.context().clearRequestTimeout();
        // The first page decides what the answer is; later ones can only end it.
        return scanning.page(from).thenApply(first -> scanning.begin(from, first));
    }

    /** A user's JSON may have breaks between what it is made of, and nowhere else: there a space is the same. */
    private static String oneLine(String json) {
        return json.replace('\n', ' ').replace('\r', ' ');
    }

    /** One scan. */
    private final class Scanning {

        private final Exchange exchange;
        private final ScanRequest request;
        private final @Nullable Long limit;
        private final ValueForm form;
        private final HttpResponseWriter response = HttpResponse.streaming();

        Scanning(Exchange exchange, ScanRequest request, @Nullable Long limit, ValueForm form) {
            this.exchange = exchange;
            this.request = request;
            this.limit = limit;
            this.form = form;
        }

        CompletableFuture<Answered<ScanResponse>> page(Place from) {
            int size = limit == null ? PAGE_SIZE : (int) Math.max(1, Math.min(PAGE_SIZE, limit - from.rows()));
            ScanRequest asked = request.toBuilder()
                    .setPageToken(from.pageToken())
                    .setPageSize(size)
                    .build();
            return reads.scan(asked, exchange);
        }

        HttpResponse begin(Place from, Answered<ScanResponse> first) {
            HttpHeaders headers = stamps.ofRead(exchange, first.header()).build();
            response.write(ResponseHeaders.builder(HttpStatus.OK)
                    .set("content-type", TYPE)
                    .set("cache-control", "no-store")
                    .set(headers)
                    .build());
            take(from, first.message(), true);
            return response;
        }

        private void take(Place from, ScanResponse page, boolean first) {
            StreamScanResponse.Builder line = StreamScanResponse.newBuilder();
            if (first) {
                line.setHeader(page.getHeader());
            }
            try {
                page.getRowsList().forEach(row -> line.addRows(ValueForms.apply(row, form)));
            } catch (RuntimeException e) {
                fail(e);
                return;
            }
            Place next = new Place(page.getNextPageToken(), from.rows() + page.getRowsCount());
            boolean more = page.hasNextPageToken() && (limit == null || next.rows() < limit);
            if (more) {
                line.setResumeToken(next.text());
            }
            if (!response.tryWrite(HttpData.ofUtf8(oneLine(ContractJson.print(line.build())) + "\n"))) {
                return;
            }
            CompletableFuture<Void> taken = response.whenConsumed();
            cutOffUnless(taken);
            if (!more) {
                response.close();
                return;
            }
            var unused = taken.thenCompose(consumed -> page(next)).whenComplete((answered, failure) -> {
                if (failure == null) {
                    take(next, answered.message(), false);
                } else {
                    fail(failure);
                }
            });
        }

        /** A reader has as long for a page as any call may take: it holds what others could use. */
        private void cutOffUnless(CompletableFuture<Void> taken) {
            ScheduledFuture<?> cut = exchange.context()
                    .eventLoop()
                    .schedule(() -> response.abort(), exchange.deadlines().max().toMillis(), TimeUnit.MILLISECONDS);
            var unused = taken.whenComplete((done, failure) -> cut.cancel(false));
        }

        private void fail(Throwable failure) {
            if (!response.isOpen()) {
                // Its reader is gone, so there is nobody to tell.
                return;
            }
            String line = "{\"problem\":" + Problems.of(failure).toJson() + "}\n";
            if (response.tryWrite(HttpData.ofUtf8(line))) {
                response.close();
            }
        }
    }
}
