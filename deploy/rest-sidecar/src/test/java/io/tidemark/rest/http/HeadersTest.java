// SPDX-License-Identifier: Apache-2.0
package io.tidemark.rest.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.proto.v1.ErrorReason;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What single headers say. */
class HeadersTest {

    @Test
    void shouldReadEntityTags() {
        EntityTag tag = new EntityTag("8h2kq0m5x7c1r9vz", 1040, "");

        assertThat(tag.text()).isEqualTo("\"8h2kq0m5x7c1r9vz-1040\"");
        assertThat(EntityTag.parse(tag.text())).contains(tag);
        assertThat(new EntityTag("8h2kq0m5x7c1r9vz", 1040, "row").text()).isEqualTo("\"8h2kq0m5x7c1r9vz-1040-row\"");
        assertThat(EntityTag.parse("\"8h2kq0m5x7c1r9vz-99999999999999999999\"")).isEmpty();
        assertThat(EntityTag.Listed.parse("h", " \"a,b\" ,W/" + tag.text()).names(tag))
                .isTrue();
        assertThat(EntityTag.Listed.parse("h", " \"a,b\" ,W/" + tag.text()).namesExactly(tag))
                .isFalse();
        assertThat(EntityTag.Listed.parse("h", "\"x\", " + tag.text()).namesExactly(tag))
                .isTrue();
        assertThat(EntityTag.Listed.parse("h", "*").any()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "x", "\"", "\"a\" \"b\"", "\"a\",x", "w/\"a\"", "*,\"a\""})
    void shouldRefuseListsThatAreNone(String header) {
        assertThatThrownBy(() -> EntityTag.Listed.parse("If-Match", header)).isInstanceOf(ProblemException.class);
    }

    @Test
    void shouldReadCacheControl() {
        assertThat(CacheControl.parse(null)).isEqualTo(new CacheControl(false, null));
        assertThat(CacheControl.parse("No-Cache, x=y")).isEqualTo(new CacheControl(true, null));
        assertThat(CacheControl.parse("max-age=\"5\"")).isEqualTo(new CacheControl(false, Duration.ofSeconds(5)));
        assertThatThrownBy(() -> CacheControl.parse("max-age=-1")).isInstanceOf(ProblemException.class);
    }

    @Test
    void shouldReadAndWriteDurations() {
        assertThat(Durations.parse("h", "250ms")).isEqualTo(Duration.ofMillis(250));
        assertThat(Durations.parse("h", "1.5s")).isEqualTo(Duration.ofMillis(1500));
        assertThat(Durations.parse("h", "2m")).isEqualTo(Duration.ofMinutes(2));
        assertThatThrownBy(() -> Durations.parse("h", "5")).isInstanceOf(ProblemException.class);
        assertThat(Durations.millis(Duration.ofNanos(1))).isEqualTo("0.001");
        assertThat(Durations.millis(Duration.ofMillis(3))).isEqualTo("3");
        assertThat(Durations.millis(Duration.ofNanos(12_345_001))).isEqualTo("12.346");
        assertThat(Durations.secondsRoundedUp(Duration.ofMillis(1))).isEqualTo(1);
        assertThat(Durations.secondsRoundedUp(Duration.ofSeconds(2))).isEqualTo(2);
    }

    @ParameterizedTest
    @EnumSource(
            mode = EnumSource.Mode.EXCLUDE,
            names = {"UNRECOGNIZED", "ERROR_REASON_UNSPECIFIED"})
    void shouldGiveEachReasonAStatus(ErrorReason reason) {
        assertThat(Problems.statusOf(reason)).isBetween(400, 507).isNotEqualTo(500);
    }

    @Test
    void shouldSayAProblemAsRfc9457Does() {
        String json = Problem.invalid("key", "key: 'ü\"'")
                .withRetryAfter(Duration.ofSeconds(1))
                .with("current", "null")
                .toJson();

        assertThat(json)
                .isEqualTo(
                        "{\"type\":\"urn:tidemark:problem:invalid-field\",\"title\":\"Invalid field\",\"status\":400,"
                                + "\"detail\":\"key: 'ü\\\"'\",\"reason\":\"INVALID_FIELD\",\"metadata\":{\"field\":\"key\"},"
                                + "\"errors\":[{\"field\":\"key\",\"description\":\"key: 'ü\\\"'\"}],\"current\":null}");
    }
}
