// SPDX-License-Identifier: Apache-2.0
package io.tidemark.rest.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.tidemark.api.ProtoTimes;
import io.tidemark.proto.v1.CommitRequest;
import io.tidemark.proto.v1.GetRequest;
import io.tidemark.proto.v1.Row;
import io.tidemark.proto.v1.ScanRequest;
import io.tidemark.proto.v1.Value;
import io.tidemark.proto.v1.ValueForm;
import io.tidemark.rest.http.ProblemException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ContractJsonTest {

    @ParameterizedTest
    @ValueSource(
            strings = {
                "9007199254740993",
                "1.10",
                "{\"b\":1,\"a\":[1e400]}",
                "\"\\u0000\"",
                "null",
                "{\"json\":{\"text\":1}}"
            })
    void shouldTakeUsersJsonInAndOutWithoutLoss(String json) {
        CommitRequest.Builder request = CommitRequest.newBuilder();

        ContractJson.merge(
                bytes("{\"mutations\":[{\"table\":\"t\",\"put\":{\"key\":\"k\",\"value\":{\"json\":" + json + "}}}]}"),
                request);
        Value value = request.getMutations(0).getPut().getValue();
        Row row = Row.newBuilder()
                .setValue(Value.newBuilder().setBytes(value.getTextBytes()).setContentType(value.getContentType()))
                .build();

        assertThat(value.getContentType()).isEqualTo("application/json");
        assertThat(ContractJson.EXACT.readTree(value.getText())).isEqualTo(ContractJson.EXACT.readTree(json));
        assertThat(ContractJson.print(ValueForms.apply(row, ValueForm.VALUE_FORM_UNSPECIFIED)))
                .contains("\"json\":" + value.getText());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "{",
                "[]",
                "{\"x\":1}",
                "{\"mutations\":{}}",
                "{\"conditions\":1}",
                "{}{}",
                "{\"mutations\":[],\"mutations\":[]}",
                "{\"mutations\":[{\"put\":{\"value\":{\"json\":1,\"text\":\"\"}}}]}",
                "{\"rowView\":\"NONSENSE\"}"
            })
    void shouldRefuseWhatTheMessageDoesNotKnow(String body) {
        assertThatThrownBy(() -> ContractJson.merge(bytes(body), CommitRequest.newBuilder()))
                .isInstanceOf(ProblemException.class);
    }

    @Test
    void shouldRefuseBytesThatAreNoText() {
        assertThatThrownBy(() -> ContractJson.merge(new byte[] {'{', (byte) 0xff, '}'}, CommitRequest.newBuilder()))
                .isInstanceOf(ProblemException.class);
    }

    @Test
    void shouldGiveValuesInTheFormThatIsAskedFor() {
        Row text = row("grüezi", "text/plain");
        Row json = row("{ }", "application/problem+json");
        Row bytes = Row.newBuilder()
                .setValue(Value.newBuilder()
                        .setBytes(ByteString.copyFrom(new byte[] {(byte) 0xff}))
                        .setContentType("text/plain"))
                .build();

        assertThat(ValueForms.apply(text, ValueForm.VALUE_FORM_UNSPECIFIED)
                        .getValue()
                        .getText())
                .isEqualTo("grüezi");
        assertThat(ValueForms.apply(text, ValueForm.VALUE_FORM_BYTES).getValue().hasBytes())
                .isTrue();
        assertThat(ContractJson.print(ValueForms.apply(json, ValueForm.VALUE_FORM_UNSPECIFIED)))
                .contains("\"json\":{ }");
        assertThat(ValueForms.apply(bytes, ValueForm.VALUE_FORM_UNSPECIFIED)
                        .getValue()
                        .hasBytes())
                .isTrue();
        assertThatThrownBy(() -> ValueForms.apply(bytes, ValueForm.VALUE_FORM_TEXT))
                .isInstanceOf(ProblemException.class);
        assertThatThrownBy(() -> ValueForms.apply(text, ValueForm.VALUE_FORM_JSON))
                .isInstanceOf(ProblemException.class);
    }

    @Test
    void shouldSetFieldsByTheirPathsInEitherSpelling() {
        GetRequest.Builder request = GetRequest.newBuilder();

        Fields.set(request, "read_options.max_staleness", List.of("0.25s"));
        Fields.set(request, "readOptions.minIndex", List.of("7"));
        Fields.set(request, "read_options.session_tokens", List.of("a", "b"));
        Fields.set(request, "valueForm", List.of("VALUE_FORM_TEXT"));
        Fields.set(request, "read_options.as_of_time", List.of("2026-01-02T03:04:05Z"));

        assertThat(ProtoTimes.duration(request.getReadOptions().getMaxStaleness()))
                .isEqualTo(Duration.ofMillis(250));
        assertThat(request.getReadOptions().getMinIndex()).isEqualTo(7);
        assertThat(request.getReadOptions().getSessionTokensList()).containsExactly("a", "b");
        assertThat(request.getValueForm()).isEqualTo(ValueForm.VALUE_FORM_TEXT);
        assertThat(request.getReadOptions().getAsOfTime().getSeconds()).isPositive();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "x",
                "read_options",
                "read_options.x",
                "table.x",
                "page_size",
                "order",
                "read_options.max_staleness",
                "start.a",
                ""
            })
    void shouldRefuseFieldsThatAreNotThereOrNotSo(String path) {
        assertThatThrownBy(() -> Fields.set(ScanRequest.newBuilder(), path, List.of("nonsense")))
                .isInstanceOf(ProblemException.class);
    }

    private static Row row(String value, String contentType) {
        return Row.newBuilder()
                .setValue(Value.newBuilder()
                        .setBytes(ByteString.copyFromUtf8(value))
                        .setContentType(contentType))
                .build();
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
