// SPDX-License-Identifier: Apache-2.0
package io.tidemark.rest.kv;

import com.linecorp.armeria.common.HttpHeaderNames;
import com.linecorp.armeria.common.HttpHeaders;
import com.linecorp.armeria.common.HttpHeadersBuilder;
import com.linecorp.armeria.common.HttpResponse;
import io.tidemark.client.ConditionFailedException;
import io.tidemark.client.HistoryChangedException;
import io.tidemark.client.Row;
import io.tidemark.proto.v1.ValueForm;
import io.tidemark.rest.http.EntityTag;
import io.tidemark.rest.http.Problem;
import io.tidemark.rest.http.Problems;
import io.tidemark.rest.http.Responses;
import io.tidemark.rest.json.ContractJson;
import io.tidemark.rest.json.ValueForms;
import io.tidemark.rest.routing.Exchange;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;

/**
 * What writes of one row fail with, over HTTP.
 *
 * @param stamps of answers that tell what is there
 */
public record Failures(Stamps stamps) {

    /**
     * The answer to a write that failed.
     *
     * @param condition that it had
     */
    public HttpResponse ofWrite(Exchange exchange, Throwable failure, Conditions condition) {
        Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
        Problem problem = Problems.of(failure);
        if (cause instanceof ConditionFailedException refused) {
            Row<byte[]> current = refused.currentRow().orElse(null);
            Problem told = problem.with("current", current == null ? "null" : document(current));
            String neverHolds = condition.neverHolds();
            if (neverHolds != null) {
                told = told.because(neverHolds);
            }
            HttpHeaders headers = tag(stamps.ofRefused(exchange, refused), current, refused.historyId())
                    .build();
            return Responses.of(condition.inHeader() ? told.withStatus(412) : told, headers)
                    .toHttpResponse();
        }
        if (cause instanceof HistoryChangedException && condition.inHeader()) {
            // An ETag of a history that is over names nothing that is there.
            return Responses.of(problem.withStatus(412)).toHttpResponse();
        }
        return Responses.of(problem).toHttpResponse();
    }

    /** What a write's condition did not hold for, if that is how it failed. */
    public static Optional<ConditionFailedException> condition(Throwable failure) {
        Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
        return cause instanceof ConditionFailedException refused ? Optional.of(refused) : Optional.empty();
    }

    private static String document(Row<byte[]> row) {
        return ContractJson.print(ValueForms.applyLeniently(Protos.row(row), ValueForm.VALUE_FORM_UNSPECIFIED));
    }

    private static HttpHeadersBuilder tag(HttpHeadersBuilder headers, @Nullable Row<byte[]> row, String historyId) {
        if (row != null && !historyId.isEmpty()) {
            headers.set(HttpHeaderNames.ETAG, new EntityTag(historyId, row.modifiedIndex(), "").text());
        }
        return headers;
    }
}
