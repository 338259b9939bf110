// SPDX-License-Identifier: Apache-2.0
package io.tidemark.client;

import java.io.Serializable;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The request breaks a rule, is over a limit, or does not fit what is there: a patch of what is not JSON, a table that exists with
 * other settings, a right that the caller lacks. A write did not happen. Sending the same again is no use while what it met stands.
 */
public final class InvalidRequestException extends TidemarkException {

    private static final long serialVersionUID = 1L;

    private final List<FieldViolation> violations;

    public InvalidRequestException(Failure failure, @Nullable Throwable cause, List<FieldViolation> violations) {
        super(failure, cause);
        this.violations = List.copyOf(violations);
    }

    /** The fields that break a rule, as far as the server named them. */
    public List<FieldViolation> violations() {
        return violations;
    }

    @Override
    InvalidRequestException fromHere() {
        return new InvalidRequestException(failure(), this, violations);
    }

    /**
     * A field that breaks a rule.
     *
     * @param field its path in the message of the contract
     * @param description which rule
     */
    public record FieldViolation(String field, String description) implements Serializable {}
}
