// SPDX-License-Identifier: Apache-2.0
package io.tidemark.client.jackson;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import tools.jackson.core.JacksonException;
import tools.jackson.core.type.TypeReference;

class JacksonCodecTest {

    record User(String name, int age, Instant since) {}

    private final JacksonCodec<User> users = JacksonCodec.of(User.class);

    @Test
    void shouldWriteAndReadARecord() {
        User ann = new User("Ann", 42, Instant.parse("2026-11-21T10:00:00Z"));

        byte[] bytes = users.encode(ann);

        assertThat(new String(bytes, StandardCharsets.UTF_8)).contains("\"name\":\"Ann\"", "2026-11-21T10:00:00Z");
        assertThat(users.decode(bytes, users.contentType())).isEqualTo(ann);
        assertThat(users.contentType()).isEqualTo("application/json");
    }

    @Test
    void shouldReadRowsThatWereWrittenAsTextAndHaveMoreMembers() {
        User ann = users.decode(
                "{\"name\": \"Ann\", \"age\": 42, \"since\": null, \"more\": [1]}".getBytes(StandardCharsets.UTF_8),
                "text/plain");

        assertThat(ann.name()).isEqualTo("Ann");
    }

    @Test
    void shouldKnowGenericTypes() {
        JacksonCodec<Map<String, List<User>>> groups = JacksonCodec.of(new TypeReference<>() {});
        Map<String, List<User>> value = Map.of("admins", List.of(new User("Ann", 1, Instant.EPOCH)));

        assertThat(groups.decode(groups.encode(value), "application/json")).isEqualTo(value);
    }

    @Test
    void shouldRefuseWhatIsNoValue() {
        assertThatThrownBy(() -> users.decode("{".getBytes(StandardCharsets.UTF_8), "application/json"))
                .isInstanceOf(JacksonException.class);
        assertThatThrownBy(() -> users.decode("null".getBytes(StandardCharsets.UTF_8), "application/json"))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
