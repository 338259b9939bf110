// SPDX-License-Identifier: Apache-2.0
package io.tidemark.verify.architecture.planted.client.internal;

import com.google.protobuf.Message;
import org.jspecify.annotations.Nullable;

/** May, because users do not see it. */
public class InternalTypeWithForeignTypes {
    public @Nullable Message message() {
        return null;
    }
}
