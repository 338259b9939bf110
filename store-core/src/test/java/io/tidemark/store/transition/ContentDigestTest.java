// SPDX-License-Identifier: Apache-2.0
package io.tidemark.store.transition;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import io.tidemark.proto.v1.CommitRequest;
import io.tidemark.proto.v1.Mutation;
import io.tidemark.proto.v1.PutMutation;
import io.tidemark.proto.v1.Value;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ContentDigestTest {

    private static final PutMutation PUT = PutMutation.newBuilder()
            .setKey("key")
            .setValue(Value.newBuilder()
                    .setBytes(ByteString.copyFromUtf8("value"))
                    .setContentType("text/plain"))
            .build();

    private static final Mutation MUTATION =
            Mutation.newBuilder().setTable("table").setPut(PUT).build();

    @Test
    void theShortCutForPutsMakesNoDifference() {
        List<CommitRequest> commits = new ArrayList<>();
        commits.add(commit(MUTATION));
        commits.add(commit(MUTATION, MUTATION));
        commits.add(commit());
        commits.add(commit(Mutation.getDefaultInstance()));
        commits.add(commit(MUTATION.toBuilder().clearTable().build()));
        commits.add(
                commit(MUTATION.toBuilder().setPut(PUT.toBuilder().clearKey()).build()));
        commits.add(
                commit(MUTATION.toBuilder().setPut(PUT.toBuilder().clearValue()).build()));
        // One more field each, of every message that the short cut writes: also of those that the contract gets later.
        variants(commit(MUTATION)).forEach(variant -> commits.add((CommitRequest) variant));
        variants(MUTATION).forEach(variant -> commits.add(commit((Mutation) variant)));
        variants(PUT).forEach(variant -> commits.add(commit(put((PutMutation) variant))));
        variants(PUT.getValue())
                .forEach(variant -> commits.add(
                        commit(put(PUT.toBuilder().setValue((Value) variant).build()))));
        for (int size : new int[] {0, 100, 4000, 4096, 5000, 100_000}) {
            Value value = Value.newBuilder()
                    .setBytes(ByteString.copyFrom(new byte[size]))
                    .build();
            commits.add(commit(put(PUT.toBuilder().setValue(value).build())));
            commits.add(commit(put(PUT.toBuilder()
                    .setKey("é")
                    .setValue(Value.newBuilder().setBytes(value.getBytes().concat(ByteString.copyFrom(new byte[5000]))))
                    .build())));
        }
        Set<CommitRequest> different = new HashSet<>(commits);
        Set<ByteString> digests = new HashSet<>();
        for (CommitRequest commit : different) {
            ByteString digest = ContentDigest.of("write", commit);
            assertThat(digest).as("%s", commit).isEqualTo(ContentDigest.ofAny("write", commit));
            digests.add(digest);
        }
        assertThat(digests).hasSameSizeAs(different);
    }

    private static CommitRequest commit(Mutation... mutations) {
        return CommitRequest.newBuilder().addAllMutations(List.of(mutations)).build();
    }

    private static Mutation put(PutMutation put) {
        return MUTATION.toBuilder().setPut(put).build();
    }

    /** The message with each of its type's fields set to something else. */
    private static List<Message> variants(Message message) {
        Descriptor type = message.getDescriptorForType();
        List<Message> variants = new ArrayList<>();
        for (FieldDescriptor field : type.getFields()) {
            Message.Builder builder = message.toBuilder();
            if (field.isRepeated()) {
                builder.addRepeatedField(field, other(builder, field));
            } else {
                builder.setField(field, other(builder, field));
            }
            variants.add(builder.build());
        }
        return variants;
    }

    private static Object other(Message.Builder builder, FieldDescriptor field) {
        return switch (field.getJavaType()) {
            case INT -> 7;
            case LONG -> 7L;
            case FLOAT -> 7F;
            case DOUBLE -> 7D;
            case BOOLEAN -> true;
            case STRING -> "other";
            case BYTE_STRING -> ByteString.copyFromUtf8("other");
            case ENUM -> field.getEnumType().getValues().get(1);
            case MESSAGE -> builder.newBuilderForField(field).build();
        };
    }
}
