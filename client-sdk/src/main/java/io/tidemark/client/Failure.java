// SPDX-License-Identifier: Apache-2.0
package io.tidemark.client;

import java.io.Serializable;
import java.util.List;
import java.util.Map;

/**
 * What every {@link TidemarkException} tells.
 *
 * @param message what happened, to which thing, and what to do: for people, and may change
 * @param reason what programs decide by where the type of the exception is not enough, such as {@code TABLE_NOT_FOUND}: one of the
 *     contract's reasons, or the exception's own where the client itself found out
 * @param metadata every value that the message mentions, by the names that the contract gives them
 * @param attempts how often the call was sent, to whom, and what came of it
 */
public record Failure(String message, String reason, Map<String, String> metadata, List<Attempt> attempts)
        implements Serializable {

    public Failure {
        metadata = Map.copyOf(metadata);
        attempts = List.copyOf(attempts);
    }

    /** A failure that the client found out by itself, before anything was sent. */
    public Failure(String message, String reason) {
        this(message, reason, Map.of(), List.of());
    }
}
