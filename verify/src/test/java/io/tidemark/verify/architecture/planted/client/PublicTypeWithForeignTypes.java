// SPDX-License-Identifier: Apache-2.0
package io.tidemark.verify.architecture.planted.client;

import com.google.common.util.concurrent.ListenableFuture;
import com.google.protobuf.Message;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Shows users types of libraries. */
public class PublicTypeWithForeignTypes {
    public @Nullable Message message() {
        return null;
    }

    protected int futures(List<ListenableFuture<String>> futures) {
        return futures.size();
    }
}
