// SPDX-License-Identifier: Apache-2.0
package io.tidemark.store;

/** Carries a {@link Refusal} to where it becomes an answer. Has no stack trace: it reports the request, not the code. */
public final class RefusedException extends RuntimeException {

    private final transient Refusal refusal;

    RefusedException(Refusal refusal) {
        super(refusal.message(), null, false, false);
        this.refusal = refusal;
    }

    public Refusal refusal() {
        return refusal;
    }
}
