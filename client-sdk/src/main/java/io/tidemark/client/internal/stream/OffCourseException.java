// SPDX-License-Identifier: Apache-2.0
package io.tidemark.client.internal.stream;

/** A message is not what the contract says. */
public final class OffCourseException extends Exception {

    private static final long serialVersionUID = 1L;

    public OffCourseException(String problem) {
        super(problem);
    }
}
