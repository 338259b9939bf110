// SPDX-License-Identifier: Apache-2.0
package io.tidemark.client;

import org.jspecify.annotations.Nullable;

/** A codec could not turn a value into bytes, or bytes into a value. The cause is what it threw. */
public final class CodecException extends TidemarkException {

    private static final long serialVersionUID = 1L;

    public CodecException(Failure failure, @Nullable Throwable cause) {
        super(failure, cause);
    }

    @Override
    CodecException fromHere() {
        return new CodecException(failure(), this);
    }
}
