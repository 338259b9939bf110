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
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;

/** What writes of one row fail with, over HTTP. */
public final class Failures {

    private Failures() {}

    /**
     * The answer to a write that failed.
     *
     * @param inHeader whether a header gave its condition
     */
    public static HttpResponse ofWrite(Throwable failure, boolean inHeader) {
        Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
        Problem problem = Problems.of(failure);
        if (cause instanceof ConditionFailedException refused) {
            Row<byte[]> current = refused.currentRow().orElse(null);
            Problem told = problem.with("current", current == null ? "null" : document(current));
            return Responses.of(inHeader ? told.withStatus(412) : told, tag(current, refused.historyId()))
                    .toHttpResponse();
        }
        if (cause instanceof HistoryChangedException && inHeader) {
            // An ETag of a history that is over names nothing that is there.
            return Responses.of(problem.withStatus(412)).toHttpResponse();
        }
        return Responses.of(problem).toHttpResponse();
    }

    /** Whether it is the write's condition that does not hold. */
    public static boolean isCondition(Throwable failure) {
        Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
        return cause instanceof ConditionFailedException;
    }

    private static String document(Row<byte[]> row) {
        return ContractJson.print(ValueForms.applyLeniently(Protos.row(row), ValueForm.VALUE_FORM_UNSPECIFIED));
    }

    private static HttpHeaders tag(@Nullable Row<byte[]> row, String historyId) {
        HttpHeadersBuilder headers = HttpHeaders.builder();
        if (row != null && !historyId.isEmpty()) {
            headers.set(HttpHeaderNames.ETAG, new EntityTag(historyId, row.modifiedIndex(), "").text());
        }
        return headers.build();
    }
}
