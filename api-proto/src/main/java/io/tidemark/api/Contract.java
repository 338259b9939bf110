// SPDX-License-Identifier: Apache-2.0
package io.tidemark.api;

import com.google.api.AnnotationsProto;
import com.google.api.FieldBehaviorProto;
import com.google.protobuf.DescriptorProtos.FileDescriptorSet;
import com.google.protobuf.ExtensionRegistry;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;

/** The contract as data: the descriptor set that this jar carries, with imports, comments and HTTP annotations. */
public final class Contract {

    /** Where the descriptor set lies on the class path. */
    public static final String DESCRIPTOR_SET_RESOURCE = "/tidemark/v1/tidemark-v1.binpb";

    private Contract() {}

    /** Reads the descriptor set. Not cached: callers that need it often keep it. */
    public static FileDescriptorSet descriptorSet() {
        try (InputStream in = Contract.class.getResourceAsStream(DESCRIPTOR_SET_RESOURCE)) {
            if (in == null) {
                throw new IllegalStateException(DESCRIPTOR_SET_RESOURCE
                        + " is not on the class path (expected: inside tidemark-api-proto's jar)");
            }
            return parse(in);
        } catch (IOException e) {
            throw new UncheckedIOException(DESCRIPTOR_SET_RESOURCE + " cannot be read", e);
        }
    }

    /** Reads any descriptor set, understanding the annotations that the contract uses. */
    public static FileDescriptorSet parse(InputStream in) throws IOException {
        ExtensionRegistry registry = ExtensionRegistry.newInstance();
        AnnotationsProto.registerAllExtensions(registry);
        FieldBehaviorProto.registerAllExtensions(registry);
        return FileDescriptorSet.parseFrom(in, registry);
    }
}
