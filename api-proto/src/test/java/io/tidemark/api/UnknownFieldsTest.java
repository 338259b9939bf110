// SPDX-License-Identifier: Apache-2.0
package io.tidemark.api;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Duration;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Struct;
import com.google.protobuf.UnknownFieldSet;
import com.google.protobuf.Value;
import io.tidemark.proto.v1.CommitRequest;
import io.tidemark.proto.v1.Expiry;
import io.tidemark.proto.v1.GetRequest;
import io.tidemark.proto.v1.Mutation;
import io.tidemark.proto.v1.PutMutation;
import io.tidemark.proto.v1.ReadOptions;
import io.tidemark.proto.v1.WatchRequest;
import org.junit.jupiter.api.Test;

class UnknownFieldsTest {

    private static final UnknownFieldSet NEWER = UnknownFieldSet.newBuilder()
            .addField(1000, UnknownFieldSet.Field.newBuilder().addVarint(1).build())
            .build();

    @Test
    void shouldFindNothingInWhatIsKnown() {
        assertThat(UnknownFields.first(GetRequest.getDefaultInstance())).isNull();
        assertThat(UnknownFields.first(
                        commit(Expiry.newBuilder().setTtl(Duration.newBuilder().setSeconds(1)))))
                .isNull();
    }

    @Test
    void shouldNameAFieldOfTheMessageItself() throws InvalidProtocolBufferException {
        GetRequest sent =
                GetRequest.newBuilder().setTable("t").setUnknownFields(NEWER).build();

        assertThat(UnknownFields.first(GetRequest.parseFrom(sent.toByteArray())))
                .isEqualTo("1000");
    }

    @Test
    void shouldNameAFieldAtAnyDepth() throws InvalidProtocolBufferException {
        GetRequest read = GetRequest.newBuilder()
                .setReadOptions(ReadOptions.newBuilder().setUnknownFields(NEWER))
                .build();
        CommitRequest write = commit(Expiry.newBuilder().setUnknownFields(NEWER));

        assertThat(UnknownFields.first(GetRequest.parseFrom(read.toByteArray())))
                .isEqualTo("read_options.1000");
        assertThat(UnknownFields.first(CommitRequest.parseFrom(write.toByteArray())))
                .isEqualTo("mutations[1].put.expiry.1000");
    }

    @Test
    void shouldLookIntoMaps() throws InvalidProtocolBufferException {
        Struct sent = Struct.newBuilder()
                .putFields("known", Value.newBuilder().setBoolValue(true).build())
                .putFields("newer", Value.newBuilder().setUnknownFields(NEWER).build())
                .build();

        assertThat(UnknownFields.first(Struct.parseFrom(sent.toByteArray()))).isEqualTo("fields[1].value.1000");
    }

    @Test
    void shouldNameAFieldWithAnUnknownValue() {
        assertThat(UnknownFields.first(
                        GetRequest.newBuilder().setRowViewValue(99).build()))
                .isEqualTo("row_view");
        assertThat(UnknownFields.first(GetRequest.newBuilder()
                        .setReadOptions(ReadOptions.newBuilder().setStrengthValue(99))
                        .build()))
                .isEqualTo("read_options.strength");
        assertThat(UnknownFields.first(WatchRequest.newBuilder()
                        .addKindsValue(1)
                        .addKindsValue(99)
                        .build()))
                .isEqualTo("kinds[1]");
    }

    private static CommitRequest commit(Expiry.Builder expiry) {
        return CommitRequest.newBuilder()
                .addMutations(
                        Mutation.newBuilder().setPut(PutMutation.newBuilder().setKey("a")))
                .addMutations(Mutation.newBuilder()
                        .setPut(PutMutation.newBuilder().setKey("b").setExpiry(expiry)))
                .build();
    }
}
