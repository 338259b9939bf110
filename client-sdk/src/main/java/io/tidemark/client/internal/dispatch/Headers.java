// SPDX-License-Identifier: Apache-2.0
package io.tidemark.client.internal.dispatch;

import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import io.tidemark.proto.v1.BatchGetResponse;
import io.tidemark.proto.v1.BatchWriteResponse;
import io.tidemark.proto.v1.CommitResponse;
import io.tidemark.proto.v1.GetResponse;
import io.tidemark.proto.v1.GetTopologyResponse;
import io.tidemark.proto.v1.ResponseHeader;
import io.tidemark.proto.v1.WatchTopologyResponse;
import org.jspecify.annotations.Nullable;

/** Finds the header in an answer. */
final class Headers {

    private Headers() {}

    /** Null: it has none. */
    static @Nullable ResponseHeader of(Object answer) {
        if (answer instanceof BatchGetResponse batch) {
            return batch.hasHeader() ? batch.getHeader() : null;
        } else if (answer instanceof GetResponse get) {
            return get.hasHeader() ? get.getHeader() : null;
        } else if (answer instanceof CommitResponse commit) {
            return commit.hasHeader() ? commit.getHeader() : null;
        } else if (answer instanceof BatchWriteResponse writes) {
            return writes.hasHeader() ? writes.getHeader() : null;
        } else if (answer instanceof GetTopologyResponse topology) {
            return topology.hasHeader() ? topology.getHeader() : null;
        } else if (answer instanceof WatchTopologyResponse topology) {
            return topology.hasHeader() ? topology.getHeader() : null;
        }
        return answer instanceof Message message ? byName(message) : null;
    }

    private static @Nullable ResponseHeader byName(Message message) {
        FieldDescriptor field = message.getDescriptorForType().findFieldByName("header");
        return field != null
                        && field.getJavaType() == FieldDescriptor.JavaType.MESSAGE
                        && message.hasField(field)
                        && message.getField(field) instanceof ResponseHeader header
                ? header
                : null;
    }
}
