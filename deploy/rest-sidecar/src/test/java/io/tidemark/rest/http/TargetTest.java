// SPDX-License-Identifier: Apache-2.0
package io.tidemark.rest.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TargetTest {

    @Test
    void shouldDecodeSegmentsAndParametersApart() {
        Target target = Target.parse("/v1/a%2Fb/c+d?key=x+y%2B&n=1&n=2&empty");

        assertThat(target.segments()).containsExactly("v1", "a/b", "c+d");
        assertThat(target.query())
                .containsEntry("key", List.of("x y+"))
                .containsEntry("n", List.of("1", "2"))
                .containsEntry("empty", List.of(""));
        assertThat(target.endsWithSlash()).isFalse();
        assertThat(Target.parse("/a/").endsWithSlash()).isTrue();
        assertThat(Target.parse("http://host/a?b").path()).isEqualTo("/a");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "//",
                "/a//b",
                "/a/./b",
                "/..",
                "/%2e%2E/a",
                "/%",
                "/%4",
                "/%zz",
                "/%ff",
                "/%c0%80",
                "/?k=%ff",
                "/?%",
                "x",
                "http://host?x=/v1/limits",
                "",
                "/\u00e9",
                "/a b"
            })
    void shouldRefuseWhatIsNotOneThingOnly(String raw) {
        assertThatThrownBy(() -> Target.parse(raw)).isInstanceOf(ProblemException.class);
    }
}
