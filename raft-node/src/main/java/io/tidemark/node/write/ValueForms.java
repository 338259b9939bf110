// SPDX-License-Identifier: Apache-2.0
package io.tidemark.node.write;

import com.google.protobuf.ByteString;
import io.tidemark.proto.v1.Value;
import io.tidemark.proto.v1.ValueForm;

/** Gives values in the form that a caller wants. */
@FunctionalInterface
public interface ValueForms {

    /**
     * The value in that form.
     *
     * @throws io.grpc.StatusRuntimeException if it cannot be given so
     */
    Value of(ByteString bytes, String contentType, ValueForm form);
}
