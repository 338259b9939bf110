// SPDX-License-Identifier: Apache-2.0
package io.tidemark.store.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import com.google.protobuf.ListValue;
import com.google.protobuf.NullValue;
import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import io.tidemark.store.TestVectors;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class JsonVectorsTest {

    static List<Map<String, Object>> patches() {
        return TestVectors.list("merge-patch.json", "vectors");
    }

    static List<Map<String, Object>> notJson() {
        return TestVectors.list("merge-patch.json", "not_json");
    }

    static List<Map<String, Object>> numbers() {
        return TestVectors.list("json-value.json", "numbers");
    }

    static List<Map<String, Object>> values() {
        return TestVectors.list("json-value.json", "values");
    }

    @ParameterizedTest
    @MethodSource("patches")
    void shouldPatchToTheByte(Map<String, Object> vector) throws NotJsonException {
        ByteString patched = MergePatch.apply(
                ByteString.copyFromUtf8(TestVectors.text(vector, "document")),
                ByteString.copyFromUtf8(TestVectors.text(vector, "patch")));

        assertThat(patched.toStringUtf8()).isEqualTo(TestVectors.text(vector, "result"));
        MergePatch.requireJson(patched);
    }

    @ParameterizedTest
    @MethodSource("notJson")
    void shouldRefuseWhatIsNoJson(Map<String, Object> vector) {
        ByteString text = ByteString.copyFromUtf8(TestVectors.text(vector, "text"));

        assertThatThrownBy(() -> MergePatch.apply(text, MergePatch.EMPTY_OBJECT))
                .isInstanceOf(NotJsonException.class);
        assertThatThrownBy(() -> MergePatch.apply(MergePatch.EMPTY_OBJECT, text))
                .isInstanceOf(NotJsonException.class);
    }

    @Test
    void shouldRefuseWhatIsNoUtf8() {
        assertThatThrownBy(() -> MergePatch.requireJson(ByteString.copyFrom(new byte[] {'"', (byte) 0xff, '"'})))
                .isInstanceOf(NotJsonException.class)
                .hasMessageContaining("UTF-8");
    }

    @ParameterizedTest
    @MethodSource("numbers")
    void shouldWriteNumbers(Map<String, Object> vector) {
        double number = Double.longBitsToDouble(Long.parseUnsignedLong(TestVectors.text(vector, "bits"), 16));

        assertThat(JsonValueText.of(value(number)).toStringUtf8()).isEqualTo(TestVectors.text(vector, "text"));
    }

    @Test
    void shouldWriteNumbersThatReadBack() {
        SplittableRandom random = new SplittableRandom(17);
        for (int i = 0; i < 5_000; i++) {
            double number = Double.longBitsToDouble(random.nextLong());
            if (Double.isFinite(number)) {
                assertThat(Double.parseDouble(JsonNumber.text(number))).isEqualTo(number);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("values")
    void shouldWriteValues(Map<String, Object> vector) {
        assertThat(JsonValueText.of(value(vector.get("value"))).toStringUtf8())
                .isEqualTo(TestVectors.text(vector, "text"));
    }

    @ParameterizedTest
    @ValueSource(doubles = {Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY})
    void shouldRefuseNumbersThatJsonLacks(double number) {
        assertThatThrownBy(() -> JsonValueText.of(value(number))).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void shouldRefuseAValueOfNoKindAndOneTooDeep() {
        assertThatThrownBy(() -> JsonValueText.of(Value.getDefaultInstance()))
                .isInstanceOf(IllegalArgumentException.class);
        Value deep = value(null);
        for (int i = 0; i < 129; i++) {
            deep = Value.newBuilder()
                    .setListValue(ListValue.newBuilder().addValues(deep))
                    .build();
        }
        Value tooDeep = deep;
        assertThatThrownBy(() -> JsonValueText.of(tooDeep)).isInstanceOf(IllegalArgumentException.class);
    }

    private static Value value(@Nullable Object plain) {
        Value.Builder value = Value.newBuilder();
        if (plain == null) {
            value.setNullValue(NullValue.NULL_VALUE);
        } else if (plain instanceof Boolean flag) {
            value.setBoolValue(flag);
        } else if (plain instanceof Number number) {
            value.setNumberValue(number.doubleValue());
        } else if (plain instanceof String text) {
            value.setStringValue(text);
        } else if (plain instanceof List<?> list) {
            list.forEach(element -> value.getListValueBuilder().addValues(value(element)));
            value.getListValueBuilder();
        } else if (plain instanceof Map<?, ?> map) {
            Struct.Builder struct = value.getStructValueBuilder();
            map.forEach((name, member) -> struct.putFields((String) name, value(member)));
        }
        return value.build();
    }
}
