// SPDX-License-Identifier: Apache-2.0
package io.tidemark.store.validate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.google.rpc.BadRequest;
import io.tidemark.api.ErrorStatus;
import io.tidemark.proto.v1.CommitRequest;
import io.tidemark.proto.v1.DeleteRequest;
import io.tidemark.proto.v1.ErrorReason;
import io.tidemark.proto.v1.PatchRequest;
import io.tidemark.proto.v1.PutRequest;
import io.tidemark.proto.v1.RowCondition;
import io.tidemark.proto.v1.StoreSettings;
import io.tidemark.proto.v1.Value;
import io.tidemark.proto.v1.ValueForm;
import io.tidemark.store.RefusedException;
import io.tidemark.store.Utf8;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class NormalizerTest {

    private static final StoreSettings SETTINGS = SettingsRules.defaults();

    @Test
    void shouldGiveOneFormToOneContent() {
        PutRequest put = PutRequest.newBuilder()
                .setTable("t")
                .setKey("k")
                .setValue(Value.newBuilder().setText("x"))
                .setValueForm(ValueForm.VALUE_FORM_JSON)
                .build();
        CommitRequest commit = Normalizer.put(put, SETTINGS);

        assertThat(commit.getMutations(0).getPut().getValue().getBytes().toStringUtf8())
                .isEqualTo("x");
        assertThat(commit.getMutations(0).getPut().getValue().getContentType()).isEqualTo("text/plain");
        assertThat(Normalizer.commit(
                        commit.toBuilder()
                                .setValueForm(ValueForm.VALUE_FORM_TEXT)
                                .build(),
                        SETTINGS))
                .isEqualTo(commit);
    }

    @Test
    void shouldWriteJsonAsText() {
        Value json = Value.newBuilder()
                .setJson(com.google.protobuf.Value.newBuilder().setNumberValue(1))
                .build();
        PatchRequest patch = PatchRequest.newBuilder()
                .setTable("t")
                .setKey("k")
                .setPatch(json)
                .setCondition(RowCondition.newBuilder().setValue(json))
                .build();
        CommitRequest commit = Normalizer.patch(patch, SETTINGS);

        assertThat(commit.getMutations(0).getPatch().getPatch().getContentType())
                .isEqualTo("application/json");
        assertThat(commit.getConditions(0).getCondition().getValue().getBytes().toStringUtf8())
                .isEqualTo("1");
    }

    @Test
    void shouldNameEveryFieldThatBreaksARule() {
        DeleteRequest delete = DeleteRequest.newBuilder()
                .setTable("T")
                .setCondition(RowCondition.newBuilder())
                .build();
        ErrorStatus status = catchThrowableOfType(RefusedException.class, () -> Normalizer.delete(delete, SETTINGS))
                .refusal()
                .status();

        assertThat(status.reason()).isEqualTo(ErrorReason.ERROR_REASON_INVALID_FIELD);
        assertThat(status.detail(BadRequest.class).orElseThrow().getFieldViolationsList())
                .extracting(BadRequest.FieldViolation::getField)
                .contains("conditions[0].condition", "mutations[0].table", "mutations[0].delete.key");
    }

    @Test
    void shouldOrderStringsByTheirUtf8Bytes() {
        List<String> strings = List.of("", "a", "ab", "b", "\u007f", "é", "\ud7ff", "\ue000", "\uffff", "\ud800\udc00");
        for (String a : strings) {
            assertThat(Utf8.length(a)).isEqualTo(a.getBytes(StandardCharsets.UTF_8).length);
            for (String b : strings) {
                int bytes =
                        Arrays.compareUnsigned(a.getBytes(StandardCharsets.UTF_8), b.getBytes(StandardCharsets.UTF_8));
                assertThat(Integer.signum(Utf8.compare(a, b))).isEqualTo(Integer.signum(bytes));
            }
        }
        assertThat(Utf8.length("\ud800")).isEqualTo(-1);
    }

    @Test
    void shouldFindTheEndOfAPrefix() {
        assertThat(Utf8.endOfPrefix("")).isNull();
        assertThat(Utf8.endOfPrefix("ab")).isEqualTo("ac");
        assertThat(Utf8.endOfPrefix("a\udbff\udfff")).isEqualTo("b");
        assertThat(Utf8.endOfPrefix("\ud7ff")).isEqualTo("\ue000");
        assertThat(Utf8.endOfPrefix("\uffff")).isEqualTo("\ud800\udc00");
    }
}
