// SPDX-License-Identifier: Apache-2.0
package io.tidemark.store.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import com.google.protobuf.Value;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JsonTextValueTest {

    private static Value read(String text) throws NotJsonException {
        return JsonTextValue.of(ByteString.copyFromUtf8(text));
    }

    /** Already in the form that a JSON value is stored in. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "null",
                "true",
                "false",
                "\"\"",
                "\"a \\\"quoted\\\" \\\\ text\"",
                "0.1",
                "-12.5",
                "1e+300",
                "9007199254740992",
                "1.1805916207174113e+21",
                "[]",
                "{}",
                "[1,[2,[]],{}]",
                "{\"a\":[null,true,{\"b\":\"c\"}],\"d\":{}}"
            })
    void shouldComeBackAsTheSameText(String text) throws NotJsonException {
        assertThat(JsonValueText.of(read(text)).toStringUtf8()).isEqualTo(text);
    }

    @Test
    void shouldTakeWhiteSpaceEscapesAndTheLastOfDuplicateNames() throws NotJsonException {
        assertThat(JsonValueText.of(read(" { \"b\" : [ 1 , 2 ] , \"\\u0061\" : 1 , \"a\" : 2 , \"c\" : { } } "))
                        .toStringUtf8())
                .isEqualTo("{\"a\":2,\"b\":[1,2],\"c\":{}}");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "9007199254740993",
                "0.12345678901234567890",
                "1e400",
                "1e99999999999",
                "\"\\ud800\"",
                "{",
                "x",
                ""
            })
    void shouldRefuseWhatTheFormCannotHold(String text) {
        assertThatThrownBy(() -> read(text)).isInstanceOf(NotJsonException.class);
    }

    /** Exactly 2 to the 70th, which a double is. */
    @Test
    void shouldTakeNumbersThatADoubleHoldsToTheLastDigit() throws NotJsonException {
        assertThat(read("1180591620717411303424").getNumberValue()).isEqualTo(0x1p70);
    }

    @Test
    void shouldGiveOnlyWhatReadersOfProtobufTake() throws Exception {
        Value deep = read("[".repeat(40) + "]".repeat(40));
        assertThat(Value.parseFrom(deep.toByteArray())).isEqualTo(deep);
        assertThatThrownBy(() -> read("{\"a\":".repeat(40) + "1" + "}".repeat(40)))
                .isInstanceOf(NotJsonException.class);
    }
}
