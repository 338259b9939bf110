// SPDX-License-Identifier: Apache-2.0
package io.tidemark.client.internal.scan;

import io.tidemark.client.Failure;
import io.tidemark.client.InvalidRequestException;
import io.tidemark.client.InvalidRequestException.FieldViolation;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Where the next page begins, as text that any process can go on with: the server's token, a dot, and how many rows the pages before
 * had, so that a limit holds over all of them.
 *
 * @param server as the server gave it
 * @param rows in all pages before
 */
public record PageToken(String server, long rows) {

    private static final char SEPARATOR = '.';

    /**
     * Reads what {@link #text} gave.
     *
     * @throws InvalidRequestException if it is none
     */
    public static PageToken parse(String text) {
        int end = text.lastIndexOf(SEPARATOR);
        try {
            long rows = Long.parseLong(text.substring(end + 1));
            if (end > 0 && rows >= 0) {
                return new PageToken(text.substring(0, end), rows);
            }
        } catch (NumberFormatException e) {
            throw bad(e);
        }
        throw bad(null);
    }

    /** What {@link #parse} takes. */
    public String text() {
        return server + SEPARATOR + rows;
    }

    private static InvalidRequestException bad(@Nullable Throwable cause) {
        String problem = "page token: it is none that a page gave (expected: Page.nextPageToken() as it was)";
        return new InvalidRequestException(
                new Failure(problem, "BAD_PAGE_TOKEN", Map.of("problem", problem), List.of()),
                cause,
                List.of(new FieldViolation("page_token", problem)));
    }
}
