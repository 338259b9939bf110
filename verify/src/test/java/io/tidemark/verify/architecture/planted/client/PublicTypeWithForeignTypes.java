// SPDX-License-Identifier: Apache-2.0
package io.tidemark.verify.architecture.planted.client;

import com.google.common.util.concurrent.ListenableFuture;
import com.google.protobuf.Message;
import io.micrometer.core.instrument.MeterRegistry;
import io.tidemark.verify.architecture.planted.client.internal.InternalTypeWithForeignTypes;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Shows users types of libraries. */
public class PublicTypeWithForeignTypes {
    public @Nullable Message message() {
        return null;
    }

    public @Nullable InternalTypeWithForeignTypes inside() {
        return null;
    }

    void count(MeterRegistry registry) {
        registry.counter("calls").increment();
    }

    protected int futures(List<ListenableFuture<String>> futures) {
        return futures.size();
    }
}
